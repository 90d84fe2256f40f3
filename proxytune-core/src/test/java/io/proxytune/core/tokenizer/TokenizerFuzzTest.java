package io.proxytune.core.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A short run over the project's own tokenizers; {@link TokenizerFuzzHost} is the long one. */
@Tag("slow")
class TokenizerFuzzTest {
  private static final int COUNT = 150;

  @TempDir Path folder;

  static List<String> wholeTokenizers() {
    return List.of(
        EveryPart.wordPiece(), EveryPart.bytePairs(), EveryPart.unigram(), EveryPart.wordLevel());
  }

  @ParameterizedTest
  @MethodSource("wholeTokenizers")
  void everyPartOfTheFormatIsOpenedAndUsed(String json) throws IOException {
    Files.writeString(folder.resolve("tokenizer.json"), json);
    CheckpointTokenizer tokenizer = CheckpointTokenizer.open(folder);
    int[] ids = tokenizer.encode("a ab <x> 12-ab", true);
    assertThat(ids).isNotEmpty();
    assertThat(tokenizer.decode(ids, false)).isNotEmpty();
    assertThat(tokenizer.decode(new int[0], false)).isEmpty();
  }

  @Test
  void noDamagedTokenizerEndsTheProcess() throws IOException, InterruptedException {
    List<Path> files = new ArrayList<>();
    for (String name : List.of("byte-level", "sentencepiece", "unigram", "word-piece")) {
      files.add(TestTokenizers.folder(name).resolve("tokenizer.json"));
    }
    for (String json : wholeTokenizers()) {
      files.add(Files.writeString(folder.resolve("part-" + files.size() + ".json"), json));
    }
    TokenizerFuzzHost host = new TokenizerFuzzHost(files, folder);
    host.run(1, COUNT);
    assertThat(host.findings()).isEmpty();
    assertThat(host.outcomes()).containsKey("opened");
    assertThat(host.outcomes().values().stream().mapToInt(Integer::intValue).sum())
        .isEqualTo(COUNT);
  }
}
