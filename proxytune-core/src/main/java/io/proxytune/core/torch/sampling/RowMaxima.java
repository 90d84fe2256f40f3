package io.proxytune.core.torch.sampling;

import io.proxytune.core.torch.ComputeThread;
import java.util.Arrays;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The largest logit of each row, and its lowest id: one operation that picks greedily and, since
 * NaN counts as the largest, also shows rows that no token can be picked from.
 */
final class RowMaxima {
  private final double[] values;
  private final double[] ids;

  private RowMaxima(double[] values, double[] ids) {
    this.values = values;
    this.ids = ids;
  }

  /** Of rows {@code [rows, width]}. */
  static RowMaxima of(Tensor rows) {
    double[] both =
        ComputeThread.inScopeOf(
            rows,
            () -> {
              T_TensorTensor_T largest = rows.to(ScalarType.Float).max(1, false);
              return HeapTensors.doubles(largest.get0(), largest.get1());
            });
    int half = both.length / 2;
    return new RowMaxima(Arrays.copyOf(both, half), Arrays.copyOfRange(both, half, both.length));
  }

  /** NaN if the row holds one. */
  double value(int row) {
    return values[row];
  }

  int id(int row) {
    return (int) ids[row];
  }
}
