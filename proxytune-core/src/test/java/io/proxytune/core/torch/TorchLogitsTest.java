package io.proxytune.core.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;

class TorchLogitsTest {
  private static TorchLogits sixValues(ScalarType type) {
    try (PointerScope scope = new PointerScope()) {
      return new TorchLogits(torch.tensor(1.5f, 2, 3, -4, 5, 6).view(2, 3).to(type));
    }
  }

  @Test
  void copiesRowsOfEveryType() {
    for (ScalarType type :
        new ScalarType[] {
          ScalarType.Float, ScalarType.BFloat16, ScalarType.Half, ScalarType.Double
        }) {
      try (TorchLogits logits = sixValues(type)) {
        assertThat(logits.rows()).isEqualTo(2);
        assertThat(logits.width()).isEqualTo(3);
        assertThat(logits.row(0)).containsExactly(1.5f, 2, 3);
        assertThat(logits.row(1)).containsExactly(-4, 5, 6);
      }
    }
  }

  @Test
  void aTransposedTensorIsReadInOrder() {
    try (PointerScope scope = new PointerScope();
        TorchLogits logits =
            new TorchLogits(torch.tensor(1f, 2, 3, 4, 5, 6).view(2, 3).transpose(0, 1))) {
      assertThat(logits.row(0)).containsExactly(1, 4);
    }
  }

  @Test
  void wrongRowsAndShapesAreRefused() {
    try (TorchLogits logits = sixValues(ScalarType.Float)) {
      assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> logits.row(2));
      assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> logits.row(-1));
    }
    try (PointerScope scope = new PointerScope()) {
      Tensor vector = torch.tensor(1f, 2);
      assertThatIllegalArgumentException().isThrownBy(() -> new TorchLogits(vector));
    }
  }

  @Test
  void closedLogitsAreRefused() {
    TorchLogits logits = sixValues(ScalarType.Float);
    Tensor tensor = logits.tensor();
    logits.close();
    logits.close();
    assertThat(tensor.isNull()).isTrue();
    assertThat(logits.rows()).isEqualTo(2);
    assertThatIllegalStateException().isThrownBy(() -> logits.row(0));
    assertThatIllegalStateException().isThrownBy(logits::tensor);
  }
}
