package io.proxytune.core.torch.sampling;

import io.proxytune.CandidateSet;
import io.proxytune.core.lifetime.Closeables;
import io.proxytune.core.sampling.Blend;
import io.proxytune.core.sampling.RowChecks;
import io.proxytune.core.torch.ComputeThread;
import io.proxytune.core.torch.TorchLogits;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Rows fused as {@link io.proxytune.Fusion} says, on the base's device, in float64: a few rows at a
 * time, since their copies are wide. A row's values do not depend on its neighbours.
 */
final class TorchBlend {
  private final Blend blend;
  private final BlendRows inputs;
  private final Tensor own;

  private TorchBlend(Blend blend, BlendRows inputs, Tensor own) {
    this.blend = blend;
    this.inputs = inputs;
    this.own = own;
  }

  /** Fused rows, float32, owned by the caller. */
  static TorchLogits fuse(Blend blend, double[] strengths) {
    blend.requireOnePerRow(strengths);
    TorchLogits own = Fusion.fuse(blend.base().rows(), List.of(), blend.ids(), blend.base().cap());
    int[] steered =
        IntStream.range(0, strengths.length).filter(row -> strengths[row] != 0).toArray();
    if (steered.length > 0) {
      try (BlendRows inputs = new BlendRows(blend)) {
        new TorchBlend(blend, inputs, own.tensor()).steer(steered, strengths);
      } catch (RuntimeException | Error e) {
        Closeables.quietly(e, own);
        throw e;
      }
    }
    return own;
  }

  /** Puts the fused rows in the place of the base's own. */
  private void steer(int[] rows, double[] strengths) {
    int atOnce = TorchLogitMath.rowsAtOnce((int) own.size(1));
    for (int from = 0; from < rows.length; from += atOnce) {
      int[] some = Arrays.copyOfRange(rows, from, Math.min(rows.length, from + atOnce));
      double[] factors = Arrays.stream(some).mapToDouble(row -> strengths[row]).toArray();
      ComputeThread.inScopeOf(
          own, () -> own.index_copy_(0, HeapTensors.upload(some, own), fused(some, factors)));
    }
  }

  private Tensor fused(int[] rows, double[] strengths) {
    Tensor ownRows = TorchLogitMath.selected(own, rows);
    Tensor fused = logits(inputs.sum(rows, strengths, own)).to(ScalarType.Float);
    fused.masked_fill_(ownRows.isneginf(), banned());
    if (!blend.candidates().equals(CandidateSet.all())) {
      banOthers(fused, ownRows, rows);
    }
    Tensor nothingLeft = fused.amax(new long[] {1}, true).isneginf();
    return torch.where(nothingLeft, ownRows, fused);
  }

  private Tensor logits(Tensor sum) {
    return switch (blend.space()) {
      case LOGITS -> BlendRows.capped(sum, blend.base().cap());
      case LOG_PROBABILITIES -> sum;
      case PROBABILITIES -> sum.clamp_min_(new Scalar(0.0)).log_();
    };
  }

  private void banOthers(Tensor fused, Tensor ownRows, int[] rows) {
    RowMaxima maxima = RowMaxima.of(ownRows);
    for (int i = 0; i < rows.length; i++) {
      if (RowChecks.isUsable(maxima.value(i))) {
        Tensor ownRow = ownRows.select(0, i);
        Tensor others = inputs.others(ownRow, maxima.value(i), rows[i]);
        fused.select(0, i).masked_fill_(others, banned());
      }
    }
  }

  static Scalar banned() {
    return new Scalar(Double.NEGATIVE_INFINITY);
  }
}
