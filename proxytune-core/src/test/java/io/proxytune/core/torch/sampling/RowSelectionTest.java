package io.proxytune.core.torch.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proxytune.core.sampling.IdRange;
import io.proxytune.core.torch.TorchLogits;
import io.proxytune.model.Logits;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RowSelectionTest {
  private final TorchLogitMath math = new TorchLogitMath();

  private Logits onDevice() {
    try (Logits heap =
        Logits.of(
            2, new float[] {0, 1}, new float[] {2, 3}, new float[] {4, 5}, new float[] {6, 7})) {
      return math.fuse(heap, List.of(), IdRange.below(2));
    }
  }

  static List<int[]> selections() {
    return List.of(
        new int[] {0, 1, 2, 3},
        new int[] {1, 2},
        new int[] {3},
        new int[] {3, 1},
        new int[] {0, 2},
        new int[] {1, 1, 1},
        new int[] {});
  }

  @ParameterizedTest
  @MethodSource("selections")
  void rowsAreTakenInTheOrderGivenAndStayOnTheDevice(int[] rows) {
    try (Logits all = onDevice();
        Logits selected = math.select(all, rows)) {
      assertThat(selected).isInstanceOf(TorchLogits.class);
      assertThat(selected.rows()).isEqualTo(rows.length);
      assertThat(selected.width()).isEqualTo(2);
      for (int i = 0; i < rows.length; i++) {
        assertThat(selected.row(i)).containsExactly(2 * rows[i], 2 * rows[i] + 1);
      }
    }
  }

  @Test
  void missingRowIsRefused() {
    try (Logits all = onDevice()) {
      assertThatThrownBy(() -> math.select(all, new int[] {4}))
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
  }
}
