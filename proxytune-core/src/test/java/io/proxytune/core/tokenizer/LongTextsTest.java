package io.proxytune.core.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.proxytune.core.SharedData;
import io.proxytune.core.tokenizer.format.CheckedTokenizer;
import io.proxytune.core.tokenizer.format.TokenizerFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A text that is encoded in parts has the ids that one call of the native library gives. */
class LongTextsTest {
  private static final int TEXTS = 150;

  /** The tokenizer of the native library itself. */
  private static final class OneCall implements AutoCloseable {
    private final CheckedTokenizer checked;
    private final long handle;

    OneCall(Path folder) throws IOException {
      CheckpointTokenizer.open(folder); // loads the library
      Path file = folder.resolve("tokenizer.json");
      checked = TokenizerFormat.check(file, new ObjectMapper().readTree(Files.readString(file)));
      handle = TokenizersLibrary.LIB.createTokenizerFromString(checked.json());
      TokenizersLibrary.LIB.disableTruncation(handle);
      TokenizersLibrary.LIB.disablePadding(handle);
    }

    long[] encode(String text, boolean addSpecialTokens) {
      long encoding = TokenizersLibrary.LIB.encode(handle, text, addSpecialTokens);
      long[] ids = TokenizersLibrary.LIB.getTokenIds(encoding);
      TokenizersLibrary.LIB.deleteEncoding(encoding);
      return ids;
    }

    long[] encodeInParts(List<String> parts) {
      return LongStream.concat(
              checked.before().stream().mapToLong(id -> id),
              LongStream.concat(
                  parts.stream().flatMapToLong(part -> Arrays.stream(encode(part, false))),
                  checked.behind().stream().mapToLong(id -> id)))
          .toArray();
    }

    @Override
    public void close() {
      TokenizersLibrary.LIB.deleteTokenizer(handle);
    }
  }

  private static int cutsEverywhereAgree(Path folder) throws IOException {
    int cuts = 0;
    Random random = new Random(11);
    try (OneCall one = new OneCall(folder)) {
      for (int i = 0; i < TEXTS; i++) {
        String text = RandomTexts.next(random) + RandomTexts.next(random);
        List<String> parts = one.checked.texts().parts(text, 1 + random.nextInt(6));
        cuts += parts.size() - 1;
        assertThat(String.join("", parts)).isEqualTo(text);
        if (!text.codePoints().anyMatch(c -> c >= 0xD800 && c < 0xE000)) {
          assertThat(one.encodeInParts(parts)).as("%s", parts).isEqualTo(one.encode(text, true));
        }
      }
    }
    return cuts;
  }

  @Tag("slow")
  @ParameterizedTest
  @ValueSource(strings = {"llama3", "qwen2.5", "gpt2", "pythia"})
  void realTokenizersAgreeWhereverATextIsCut(String name) throws IOException {
    assertThat(cutsEverywhereAgree(SharedData.require("tokenizers/" + name))).isGreaterThan(TEXTS);
  }

  @Tag("slow")
  @ParameterizedTest
  @ValueSource(strings = {"llama2", "codellama-7b", "tinyllama-chat"})
  void realTokenizersWithoutAPreTokenizerReadTextsWhole(String name) throws IOException {
    assertThat(cutsEverywhereAgree(SharedData.require("tokenizers/" + name))).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"byte-level", "sentencepiece", "unigram", "word-piece"})
  void smallTokenizersAgreeWhereverATextIsCut(String name) throws IOException {
    assertThat(cutsEverywhereAgree(TestTokenizers.folder(name)))
        .matches(cuts -> name.equals("byte-level") == cuts > 0);
  }

  @Tag("slow")
  @Test
  void longTextsOfEachKindHaveTheIdsOfOneCall() throws IOException {
    Path folder = TestTokenizers.folder("byte-level");
    CheckpointTokenizer tokenizer = CheckpointTokenizer.open(folder);
    byte[] noise = new byte[75_000];
    new Random(3).nextBytes(noise);
    try (OneCall one = new OneCall(folder)) {
      for (String text :
          List.of(
              "The sun rose over the quiet hill, 12 times. ".repeat(3000),
              ("def f(x):\n" + " ".repeat(40) + "return x\n# " + "-".repeat(200) + "\n")
                  .repeat(400),
              "天地玄黄，宇宙洪荒。".repeat(9000),
              Base64.getEncoder().encodeToString(noise),
              "31415926".repeat(9000),
              "a".repeat(70_000),
              "e\u0301\u0323".repeat(20_000))) {
        long[] expected = one.encode(text, true);
        assertThat(Arrays.stream(tokenizer.encode(text, true)).asLongStream().toArray())
            .isEqualTo(expected);
      }
    }
  }
}
