package io.proxytune.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import org.junit.jupiter.api.Test;

class HeapLogitsTest {
  @Test
  void rowsAreCopiedInAndOut() {
    float[] row = {1, 2};
    Logits logits = Logits.of(2, row, new float[] {3, 4});
    row[0] = 9;
    logits.row(1)[0] = 9;

    assertThat(logits.rows()).isEqualTo(2);
    assertThat(logits.width()).isEqualTo(2);
    assertThat(logits.row(0)).containsExactly(1, 2);
    assertThat(logits.row(1)).containsExactly(3, 4);
  }

  @Test
  void thereMayBeNoRows() {
    assertThat(Logits.of(3).rows()).isZero();
  }

  @Test
  void wrongShapesAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Logits.of(0))
        .withMessageContaining("width must be >= 1, got 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Logits.of(2, new float[2], new float[3]))
        .withMessageContaining("row 1 must hold 2 logits, got 3");
  }

  @Test
  void missingRowIsRefused() {
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> Logits.of(2, new float[2]).row(1))
        .withMessage("row (1) must be >= 0 and < the number of rows (1)");
  }

  @Test
  void closedLogitsAreRefused() {
    Logits logits = Logits.of(2, new float[2]);
    logits.close();
    logits.close();

    assertThatIllegalStateException()
        .isThrownBy(() -> logits.row(0))
        .withMessageContaining("closed");
  }

  @Test
  void absurdWidthsAndMissingRowsAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Logits.of(Integer.MAX_VALUE))
        .withMessage("width must be <= 16777216, got 2147483647");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Logits.of(2, new float[2], null))
        .withMessage("row 1 must hold 2 logits, got null");
    assertThat(Logits.of(Logits.MAX_WIDTH).rows()).isZero();
  }
}
