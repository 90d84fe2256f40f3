package io.proxytune.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.core.checkpoint.DecoderCheckpoint;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelShapeTest {
  /** One layer: norms 2·4, q and o 2·16, k and v 2·8, MLP 3·12, last norm 4, head 5·4. */
  private static final ModelShape TINY = new ModelShape("tiny", 4, 1, 2, 1, 3, 5);

  @TempDir Path temporary;

  @Test
  void countsWhatAStepReads() {
    assertThat(TINY.bytesPerStep(0)).isEqualTo(2 * (8 + 32 + 16 + 36 + 4 + 20));
    // A key and a value of one head of 2, in bfloat16, for each of 10 tokens.
    assertThat(TINY.cachedBytes(10)).isEqualTo(2 * 2 * 2 * 10);
    assertThat(TINY.bytesPerStep(10)).isEqualTo(TINY.bytesPerStep(0) + 80);
  }

  @Test
  void countsTheOperationsOfAPrompt() {
    double matrices = 2.0 * (3 * (32 + 16 + 36) + 20); // the head once
    double attention = 2.0 * 2 * 2 * 2 * (1 + 2 + 3); // scores and sums, 2 heads of 2
    assertThat(TINY.prefillOperations(3)).isEqualTo(matrices + attention);
  }

  @Test
  void namesTheTensorsThatALlamaHas() {
    Path folder = RandomCheckpoint.in(temporary, TINY, 1);
    DecoderCheckpoint checkpoint = DecoderCheckpoint.open(folder);
    assertThat(checkpoint.spec().layers().get(0).attention().headDim()).isEqualTo(2);
    assertThat(checkpoint.parameters()).isEqualTo(8 + 32 + 16 + 36 + 4 + 2 * 20);
  }

  @Test
  void theShippedFamilyIsWidenedToTheSizesOfTheRandomModels() {
    assertThat(ModelShape.FAMILY_SMALL.bytesPerStep(100))
        .isEqualTo(ModelShape.SMALL.bytesPerStep(100));
  }
}
