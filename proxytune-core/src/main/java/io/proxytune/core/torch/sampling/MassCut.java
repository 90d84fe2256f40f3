package io.proxytune.core.torch.sampling;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Where tokens in the order of some key reach a mass, found without sorting them: the masses are
 * added up in bins of the key, then only the bin in which the mass is reached is looked at, until
 * all keys in it are equal. Bins are monotone in the key whatever is rounded, so equal keys stay
 * together and the key found is exact.
 *
 * @param key the key of the token that reaches the mass
 * @param before the mass of all tokens with a smaller key
 * @param mass the mass of all tokens with this key
 * @param count their number
 */
record MassCut(double key, double before, double mass, long count) {
  /** What comes to the heap of each pass. */
  private static final int BINS = 1024;

  /** What float32 can multiply by, and get neither 0 nor ∞ of. */
  private static final double FINEST = 1e30;

  /** Keys that differ by less count as equal; the keys of any two logits differ by more. */
  private static final double LEAST_RANGE = 1e-300;

  /**
   * Finds the cut. If all tokens together do not reach the mass, it is at the last one with a mass.
   *
   * @param keys float32 or float64 {@code [n]}, no NaN; +∞ only where the mass is 0
   * @param masses float64 {@code [n]}, at least 0, one of them above; equal for equal keys
   * @param target the mass to reach
   * @param from no key is below it
   * @param span how far from there the mass is probably reached
   */
  static MassCut find(Tensor keys, Tensor masses, double target, double from, double span) {
    Narrowing narrowing = new Narrowing(keys, masses, target);
    narrowing.pass(from, Math.max(1 / FINEST, Math.min(span, FINEST)));
    double[] range = narrowing.range();
    while (range[1] - range[0] > LEAST_RANGE) {
      narrowing.pass(range[0], range[1] - range[0]);
      range = narrowing.range();
    }
    double mass = narrowing.masses.sum().item_double();
    return new MassCut(range[1], narrowing.before, mass, narrowing.keys.numel());
  }

  /**
   * How many of the tokens with this key are needed to reach a mass.
   *
   * @param target the mass that the cut was found for
   */
  long needed(double target) {
    double each = mass / count;
    return Math.max(1, Math.min(count, (long) Math.ceil((target - before) / each)));
  }

  /** The tokens among which the mass is reached. */
  private static final class Narrowing {
    private final double target;
    private Tensor keys;
    private Tensor masses;
    private double before;

    Narrowing(Tensor keys, Tensor masses, double target) {
      this.keys = keys;
      this.masses = masses;
      this.target = target;
    }

    /** The smallest and the largest key. */
    double[] range() {
      return HeapTensors.doubles(keys.amin(), keys.amax());
    }

    /** Keeps the tokens of one bin; what is beyond the range is in the last. */
    void pass(double from, double range) {
      Tensor bins =
          keys.sub(new Scalar(from))
              .mul_(new Scalar(BINS / range))
              .clamp_(limit(0), limit(BINS - 1))
              .to(ScalarType.Int);
      int bin = reachedIn(HeapTensors.doubles(bins.bincount(new TensorOptional(masses), BINS)));
      Tensor inBin = bins.eq(new Scalar((long) bin));
      if (bin == BINS - 1) {
        inBin = inBin.logical_and_(masses.gt(new Scalar(0.0))); // there may be banned tokens in it
      }
      Tensor kept = inBin.nonzero().squeeze(1);
      keys = keys.index_select(0, kept).to(ScalarType.Double);
      masses = masses.index_select(0, kept);
    }

    private static ScalarOptional limit(double value) {
      return new ScalarOptional(new Scalar(value));
    }

    /** The first bin in which the mass is reached, or the last one with a mass. */
    private int reachedIn(double[] sums) {
      double through = before;
      int bin = -1;
      for (int i = 0; i < sums.length && (bin < 0 || through < target); i++) {
        if (sums[i] > 0) {
          bin = i;
          before = through;
          through += sums[i];
        }
      }
      return bin;
    }
  }
}
