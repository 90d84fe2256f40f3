package io.proxytune.core.torch.sampling;

import io.proxytune.core.sampling.IdRange;
import io.proxytune.core.sampling.Offset;
import io.proxytune.core.torch.ComputeThread;
import io.proxytune.core.torch.TorchLogits;
import io.proxytune.model.Logits;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * {@code base + Σ α · (expert − anti-expert)} on the base's device.
 *
 * <p>Rows are computed in float32, a handful of operations for all of them. A row that is not
 * finite then is computed again by the definition in float64: infinities need its rules for −∞ −
 * (−∞), and a huge α its range. The choice is made for each row alone, so that a row's value does
 * not depend on its neighbours. So is every rounding: a multiply-add in one operation is fused in
 * some loops and not in others.
 */
final class Fusion {
  private static final double NEGATIVE_INFINITY = Double.NEGATIVE_INFINITY;

  private final Tensor base;
  private final List<Pair> pairs;

  /** Ids below {@code end} but for the holes get the offset. */
  private record Pair(
      Tensor expert, Tensor antiExpert, double alpha, int end, @Nullable Tensor holes) {}

  private Fusion(Tensor base, List<Pair> pairs) {
    this.base = base;
    this.pairs = pairs;
  }

  /** Fused rows, float32, owned by the caller. */
  static TorchLogits fuse(
      Logits base, List<Offset> offsets, IdRange emittable, OptionalDouble cap) {
    try (DeviceTensors inputs = new DeviceTensors()) {
      Tensor baseRows = inputs.rowsOf(base);
      List<Steering> steering = new ArrayList<>();
      for (Offset offset : offsets) {
        if (offset.alpha() != 0) {
          Tensor expert = inputs.rowsOf(offset.expert());
          steering.add(new Steering(offset, expert, inputs.rowsOf(offset.antiExpert())));
        }
      }
      return ComputeThread.inScopeOf(baseRows, () -> fuse(baseRows, steering, emittable, cap));
    }
  }

  /** An offset and its rows. */
  private record Steering(Offset offset, Tensor expert, Tensor antiExpert) {}

  private static TorchLogits fuse(
      Tensor base, List<Steering> steering, IdRange emittable, OptionalDouble cap) {
    List<Pair> pairs = steering.stream().map(each -> pair(each, base)).toList();
    Tensor fused = new Fusion(base, pairs).compute();
    if (cap.isPresent()) {
      fused = capped(fused, cap.getAsDouble());
    }
    ban(fused, emittable);
    return new TorchLogits(fused);
  }

  static Tensor capped(Tensor sums, double cap) {
    Tensor within = sums.div(new Scalar(cap)).tanh_().mul_(new Scalar(cap));
    return torch.where(sums.isinf(), sums, within);
  }

  private static Pair pair(Steering steering, Tensor base) {
    Offset offset = steering.offset;
    Tensor expert = steering.expert;
    Tensor antiExpert = steering.antiExpert;
    int width = (int) Math.min(base.size(1), Math.min(expert.size(1), antiExpert.size(1)));
    int end = Math.min(width, offset.sharedIds().end());
    return new Pair(
        prefix(expert.to(base.device(), expert.scalar_type()), end),
        prefix(antiExpert.to(base.device(), antiExpert.scalar_type()), end),
        offset.alpha(),
        end,
        holesBelow(end, offset.sharedIds(), base));
  }

  /** The ids that are missing from a prefix, on the device of the rows; null for none. */
  static @Nullable Tensor holesBelow(int end, IdRange ids, Tensor like) {
    int[] holes =
        ids.isPrefix() ? new int[0] : Arrays.stream(ids.holes()).filter(id -> id < end).toArray();
    return holes.length == 0 ? null : HeapTensors.upload(holes, like);
  }

  /** The first columns; the rows themselves where that is all of them. */
  static Tensor prefix(Tensor rows, int end) {
    return end == rows.size(1) ? rows : rows.narrow(1, 0, end);
  }

  private Tensor compute() {
    Tensor fused = sum(base, pairs, ScalarType.Float);
    double[] checks = HeapTensors.doubles(fused.sum(1));
    for (int row = 0; row < checks.length; row++) {
      if (!Double.isFinite(checks[row])) {
        fused.narrow(0, row, 1).copy_(definition(row));
      }
    }
    return fused;
  }

  private Tensor definition(int row) {
    Tensor baseRow = base.narrow(0, row, 1);
    List<Pair> rowPairs =
        pairs.stream()
            .map(
                pair ->
                    new Pair(
                        pair.expert.narrow(0, row, 1),
                        pair.antiExpert.narrow(0, row, 1),
                        pair.alpha,
                        pair.end,
                        pair.holes))
            .toList();
    Tensor sum = sum(baseRow, rowPairs, ScalarType.Double);
    Tensor never = baseRow.eq(new Scalar(NEGATIVE_INFINITY));
    return sum.masked_fill_(never, new Scalar(NEGATIVE_INFINITY));
  }

  /** A new tensor of this type. */
  private static Tensor sum(Tensor base, List<Pair> pairs, ScalarType type) {
    Tensor sum = base.to(type, false, true, new MemoryFormatOptional());
    for (Pair pair : pairs) {
      prefix(sum, pair.end).add_(offset(pair, type));
    }
    return sum;
  }

  private static Tensor offset(Pair pair, ScalarType type) {
    Tensor expert = pair.expert.to(type);
    Tensor difference = expert.sub(pair.antiExpert.to(type));
    if (type == ScalarType.Double) {
      difference.masked_fill_(expert.eq(pair.antiExpert), new Scalar(0.0));
    }
    if (pair.holes != null) {
      difference.index_fill_(1, pair.holes, new Scalar(0.0));
    }
    return pair.alpha == 1 ? difference : difference.mul_(new Scalar(pair.alpha));
  }

  private static void ban(Tensor fused, IdRange emittable) {
    int width = (int) fused.size(1);
    int end = Math.min(width, emittable.end());
    if (end < width) {
      fused.narrow(1, end, width - end).fill_(new Scalar(NEGATIVE_INFINITY));
    }
    Tensor holes = holesBelow(end, emittable, fused);
    if (holes != null) {
      fused.index_fill_(1, holes, new Scalar(NEGATIVE_INFINITY));
    }
  }
}
