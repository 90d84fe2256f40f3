package io.proxytune.examples.world;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.proxytune.Tokenizer;
import io.proxytune.core.training.ChatData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PieceTokenizerTest {
  /** low × 5, lower × 2, newest × 6, widest × 3: the example of arXiv 1508.07909. */
  private static final List<String> TEXTS =
      List.of(
          "low low low low low",
          "lower lower newest newest newest",
          "newest newest newest widest widest widest");

  @TempDir private Path folder;

  @Test
  void theMostFrequentPairIsMergedFirst() {
    PieceTokenizer pieces = PieceTokenizer.of(TEXTS, 25);
    assertThat(pieces.merges())
        .extracting(PieceTokenizer.Pair::merged)
        .startsWith("es", "est")
        .contains("\u2581low", "\u2581newest")
        .doesNotHaveDuplicates();
    assertThat(pieces.tokens()).hasSize(25).doesNotHaveDuplicates();
    assertThat(pieces.tokens().subList(0, 5)).isEqualTo(WorldTokenizer.SPECIAL);
    assertThat(PieceTokenizer.of(TEXTS, 1000).tokens().size()).isLessThan(100);
  }

  @Test
  void charactersAreTheLeast() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PieceTokenizer.of(TEXTS, 10))
        .withMessageContaining("for its characters alone, got 10");
  }

  /** As the tokenizers library reads it. */
  @Test
  void textsBecomePiecesAndTextsAgain() throws IOException {
    PieceTokenizer pieces = PieceTokenizer.of(TEXTS, 25);
    Files.writeString(folder.resolve("tokenizer.json"), pieces.tokenizerJson().toString(), UTF_8);
    Files.writeString(
        folder.resolve("tokenizer_config.json"),
        WorldTokenizer.tokenizerConfig(WorldFiles.CONTEXT_OF_PIECES).toString(),
        UTF_8);
    Tokenizer tokenizer = ChatData.tokenizer(folder, Optional.empty());
    assertThat(tokenizer.vocabularySize()).isEqualTo(25);
    String text = "newest low widest lower";
    int[] ids = tokenizer.encode(text, false);
    assertThat(tokenizer.token(ids[0])).contains("\u2581newest");
    assertThat(ids.length).isGreaterThan(4);
    assertThat(tokenizer.decode(ids, true)).isEqualTo(text);
    assertThat(tokenizer.encode(text, true)[0]).isEqualTo(tokenizer.id("<s>").orElseThrow());
  }
}
