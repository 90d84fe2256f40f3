package io.proxytune.core.torch.sampling;

import io.proxytune.TokenTrace.View;
import io.proxytune.core.torch.ComputeThread;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** What rows say of one id each, and how far they are apart: in float64, on their device. */
final class RowViews {
  private RowViews() {}

  /**
   * Views of some rows.
   *
   * @param rows {@code [rows, width]}, all usable
   * @param first the first of them
   * @param ids one id a row, from that on; those at or above the width have no logit
   */
  static List<View> of(Tensor rows, int first, int[] ids) {
    int width = (int) rows.size(1);
    double[] values =
        ComputeThread.inScopeOf(rows, () -> measure(rows.narrow(0, first, ids.length), ids, width));
    List<View> views = new ArrayList<>();
    for (int row = 0; row < ids.length; row++) {
      double total = values[row];
      double entropy = values[ids.length + row];
      boolean known = ids[row] < width;
      double logit = known ? values[2 * ids.length + row] : Double.NEGATIVE_INFINITY;
      int rank = known ? (int) values[3 * ids.length + row] : width;
      int choice = (int) values[4 * ids.length + row];
      views.add(new View(logit, logit - total, rank, choice, entropy));
    }
    return views;
  }

  private static double[] measure(Tensor rows, int[] ids, int width) {
    Tensor wide = rows.to(ScalarType.Double);
    int[] inRow = Arrays.stream(ids).map(id -> Math.min(id, width - 1)).toArray();
    Tensor columns = HeapTensors.upload(inRow, wide).unsqueeze(1);
    Tensor total = wide.logsumexp(1);
    Tensor entropy = torch.special_entr(wide.sub(total.unsqueeze(1)).exp_()).sum(1);
    Tensor picked = wide.gather(1, columns);
    Tensor above = wide.gt(picked).sum(1);
    Tensor lower = torch.arange(new Scalar(width), columns.options()).lt(columns);
    Tensor equal = wide.eq(picked).logical_and(lower).sum(1);
    T_TensorTensor_T largest = rows.to(ScalarType.Float).max(1, false);
    return HeapTensors.doubles(total, entropy, picked, above.add(equal), largest.get1());
  }

  /**
   * KL(from ‖ to) of some pairs of rows.
   *
   * @param from {@code [rows, width]}, all usable
   * @param to as many, of any width
   */
  static double[] divergences(Tensor from, Tensor to, int first, int count) {
    return ComputeThread.inScopeOf(
        from,
        () -> {
          long common = Math.min(from.size(1), to.size(1));
          Tensor logs = logs(from.narrow(0, first, count));
          Tensor others = logs(to.narrow(0, first, count)).to(from.device(), ScalarType.Double);
          Tensor shared = logs.narrow(1, 0, common);
          Tensor differences = shared.sub(others.narrow(1, 0, common));
          Tensor probabilities = logs.exp();
          Tensor sharedOnes = probabilities.narrow(1, 0, common);
          differences.masked_fill_(sharedOnes.eq(new Scalar(0.0)), new Scalar(0.0));
          Tensor sums = differences.mul_(sharedOnes).sum(1);
          Tensor beyond = probabilities.narrow(1, common, from.size(1) - common).sum(1);
          Tensor ruledOut = beyond.gt(new Scalar(0.0));
          return HeapTensors.doubles(
              sums.masked_fill_(ruledOut, new Scalar(Double.POSITIVE_INFINITY)));
        });
  }

  private static Tensor logs(Tensor rows) {
    Tensor wide = rows.to(ScalarType.Double);
    return wide.sub(wide.logsumexp(1).unsqueeze(1));
  }
}
