package io.proxytune.core.torch.sampling;

import io.proxytune.core.sampling.Blend;
import io.proxytune.core.sampling.Blend.Term;
import io.proxytune.core.sampling.KlMatch;
import io.proxytune.core.sampling.KlMatch.Shift;
import io.proxytune.core.torch.ComputeThread;
import io.proxytune.core.torch.TorchLogits;
import java.util.List;
import java.util.OptionalDouble;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * The strength of one row at which a pair shifts the base as far as its own tuning: rows stay on
 * the device, and of each try three numbers come to the heap.
 */
final class TorchMatch {
  /** Log-probabilities of the base, −∞ for ids that take no part, float64 {@code [1, width]}. */
  private final Tensor base;

  private final Tensor offset;
  private final double target;

  /**
   * Prepares a row of a blend of one pair.
   *
   * @param own the base's own rows, −∞ for ids that take no part
   */
  private TorchMatch(Blend blend, BlendRows inputs, Tensor own, int row) {
    Term term = blend.terms().get(0);
    int[] rows = {row};
    int end = blend.end(term);
    Tensor lacking = own.narrow(0, row, 1).isneginf();
    Tensor logs = masked(inputs.values(blend.base(), rows, own), lacking).log_softmax(1);
    Tensor unshared = lacking.narrow(1, 0, end).clone();
    Tensor holes = Fusion.holesBelow(end, term.sharedIds(), own);
    if (holes != null) {
      unshared.index_fill_(1, holes, new Scalar(1.0));
    }
    Tensor source = inputs.values(term.source(), rows, own).narrow(1, 0, end);
    Tensor against = inputs.values(term.against().orElseThrow(), rows, own).narrow(1, 0, end);
    target = divergence(masked(source.clone(), unshared), masked(against.clone(), unshared));
    Tensor shift = logs.clone().zero_();
    Tensor shared = shift.narrow(1, 0, end);
    shared.copy_(source.sub(against).mul_(new Scalar(term.weight())));
    shared.masked_fill_(unshared.logical_or_(source.eq(against)), new Scalar(0.0));
    Tensor infinite = shift.isinf();
    base = masked(logs, infinite);
    offset = shift.masked_fill_(infinite, new Scalar(0.0));
  }

  /** A strength for each row. */
  static double[] strengths(Blend blend, double most) {
    double[] strengths = new double[blend.base().rows().rows()];
    try (TorchLogits own =
            Fusion.fuse(blend.base().rows(), List.of(), blend.ids(), OptionalDouble.empty());
        BlendRows inputs = new BlendRows(blend)) {
      for (int row = 0; row < strengths.length; row++) {
        int current = row;
        strengths[row] =
            ComputeThread.inScopeOf(
                own.tensor(),
                () -> new TorchMatch(blend, inputs, own.tensor(), current).strength(most));
      }
    }
    return strengths;
  }

  private double strength(double most) {
    return KlMatch.solve(target, most, this::shift);
  }

  private Shift shift(double strength) {
    Tensor moved = base.add(offset.mul(new Scalar(strength)));
    Tensor logTotal = moved.logsumexp(1);
    Tensor probabilities = moved.sub_(logTotal).exp_();
    Tensor mean = probabilities.mul(offset).sum();
    Tensor square = offset.sub(mean).square_().mul_(probabilities).sum();
    double[] all = HeapTensors.doubles(mean, square, logTotal);
    return new Shift(strength * all[0] - all[2], strength * all[1]);
  }

  private static double divergence(Tensor of, Tensor from) {
    Tensor logs = of.log_softmax(1);
    Tensor each = logs.sub(from.log_softmax(1)).mul_(logs.exp());
    return each.masked_fill_(logs.isneginf(), new Scalar(0.0)).sum().item_double();
  }

  private static Tensor masked(Tensor values, Tensor mask) {
    return values.masked_fill_(mask, TorchBlend.banned());
  }
}
