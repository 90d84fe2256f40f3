package io.proxytune.core.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.base.Strings;
import io.proxytune.CheckpointException;
import io.proxytune.core.SharedData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Real tokenizers, where they are on this machine. */
@Tag("slow")
class SharedTokenizersTest {
  @ParameterizedTest
  @CsvSource({"llama-spm,llama2", "gpt-2,gpt2", "qwen2,qwen2.5"})
  void encodesTheVectors(String vectors, String name) throws IOException {
    Path folder = SharedData.require("tokenizers/vectors");
    CheckpointTokenizer tokenizer =
        CheckpointTokenizer.open(SharedData.require("tokenizers/" + name));
    String inputs = Files.readString(folder.resolve(vectors + ".inp"));
    String[] texts = inputs.split("\n__ggml_vocab_test__\n", -1);
    List<String> expected = Files.readAllLines(folder.resolve(vectors + ".out"));
    assertThat(texts.length - 1).isEqualTo(expected.size()).isGreaterThan(40);
    for (int i = 0; i < expected.size(); i++) {
      assertThat(tokenizer.encode(texts[i], false)).as(texts[i]).isEqualTo(ids(expected.get(i)));
    }
  }

  private static int[] ids(String line) {
    return Arrays.stream(line.strip().split(" "))
        .filter(id -> !id.isEmpty())
        .mapToInt(Integer::parseInt)
        .toArray();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"codellama-7b", "gpt2", "llama2", "llama3", "pythia", "qwen2.5", "tinyllama-chat"})
  void piecesJoinToTheDecodedText(String name) {
    CheckpointTokenizer tokenizer =
        CheckpointTokenizer.open(SharedData.require("tokenizers/" + name));
    Random random = new Random(20);
    int size = tokenizer.vocabularySize();
    Stream.generate(() -> random.ints(random.nextInt(40), 0, size).toArray())
        .limit(300)
        .forEach(
            ids ->
                assertThat(TestTokenizers.streamed(tokenizer, ids))
                    .isEqualTo(tokenizer.decode(ids, true)));
    Stream.generate(() -> random.ints(1 + random.nextInt(40), 0, size).toArray())
        .limit(300)
        .forEach(ids -> assertContinued(tokenizer, ids, random.nextInt(ids.length)));
    // The ids of bytes come first in all of these.
    Stream.generate(() -> random.ints(random.nextInt(20), 0, 262).toArray())
        .limit(300)
        .forEach(
            ids ->
                assertThat(TestTokenizers.streamed(tokenizer, ids))
                    .isEqualTo(tokenizer.decode(ids, true)));
  }

  private static void assertContinued(CheckpointTokenizer tokenizer, int[] ids, int split) {
    int[] prompt = Arrays.copyOf(ids, split);
    String before = tokenizer.decode(prompt, true);
    String whole = tokenizer.decode(ids, true);
    int[] rest = Arrays.copyOfRange(ids, split, ids.length);
    assertThat(TestTokenizers.streamed(tokenizer, prompt, rest))
        .isEqualTo(whole.substring(Strings.commonPrefix(before, whole).length()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"codellama-7b", "gpt2", "llama2", "llama3", "pythia", "qwen2.5", "tinyllama-chat"})
  void everyTokenIsFoundByItsId(String name) {
    CheckpointTokenizer tokenizer =
        CheckpointTokenizer.open(SharedData.require("tokenizers/" + name));
    assertThat(tokenizer.vocabularySize()).isGreaterThan(30_000);
    for (int id = 0; id < tokenizer.vocabularySize(); id++) {
      int expected = id;
      tokenizer.token(id).ifPresent(token -> assertThat(tokenizer.id(token)).contains(expected));
    }
  }

  @Test
  void filesThatOnceEndedTheProcessAreRefused() throws IOException {
    try (Stream<Path> cases = Files.list(SharedData.require("cases/tokenizers"))) {
      List<Path> folders = cases.filter(Files::isDirectory).toList();
      assertThat(folders).isNotEmpty();
      for (Path folder : folders) {
        assertThatThrownBy(() -> CheckpointTokenizer.open(folder))
            .as("%s", folder)
            .isInstanceOf(CheckpointException.class)
            .hasMessageContaining(folder.resolve("tokenizer.json").toString());
      }
    }
  }
}
