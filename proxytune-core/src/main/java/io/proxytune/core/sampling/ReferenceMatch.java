package io.proxytune.core.sampling;

import io.proxytune.core.sampling.Blend.Term;
import io.proxytune.core.sampling.KlMatch.Shift;
import java.util.Arrays;
import java.util.stream.IntStream;

/** The definition of {@link LogitMath#matchedStrengths}, for one row. */
final class ReferenceMatch {
  private static final double NONE = Double.NEGATIVE_INFINITY;

  /** Log-probabilities of the base, −∞ for ids that take no part. */
  private final double[] base;

  private final double[] offset;
  private final double target;

  /** Of a blend of one pair; the values are of the blend's space. */
  ReferenceMatch(Blend blend, double[] base, double[] source, double[] against) {
    Term term = blend.terms().get(0);
    boolean[] shared = new boolean[base.length];
    this.base = base.clone();
    this.offset = new double[base.length];
    for (int id = 0; id < base.length; id++) {
      boolean known = blend.ids().contains(id) && base[id] > NONE;
      shared[id] = known && id < blend.end(term) && term.sharedIds().contains(id);
      this.base[id] = known ? base[id] : NONE;
    }
    normalise(this.base);
    this.target = divergence(logs(source, shared), logs(against, shared));
    for (int id = 0; id < base.length; id++) {
      boolean moved = shared[id] && source[id] != against[id];
      double shift = moved ? term.weight() * (source[id] - against[id]) : 0;
      this.base[id] = Double.isInfinite(shift) ? NONE : this.base[id];
      this.offset[id] = Double.isInfinite(shift) ? 0 : shift;
    }
  }

  double strength(double most) {
    return KlMatch.solve(target, most, this::shift);
  }

  private Shift shift(double strength) {
    double[] moved =
        IntStream.range(0, base.length)
            .mapToDouble(id -> base[id] + strength * offset[id])
            .toArray();
    double logTotal = normalise(moved);
    double mean = 0;
    double square = 0;
    for (int id = 0; id < moved.length; id++) {
      mean += Math.exp(moved[id]) * offset[id];
    }
    for (int id = 0; id < moved.length; id++) {
      square += Math.exp(moved[id]) * (offset[id] - mean) * (offset[id] - mean);
    }
    return new Shift(strength * mean - logTotal, strength * square);
  }

  private static double[] logs(double[] values, boolean[] kept) {
    double[] logs =
        IntStream.range(0, kept.length).mapToDouble(id -> kept[id] ? values[id] : NONE).toArray();
    normalise(logs);
    return logs;
  }

  private static double divergence(double[] of, double[] from) {
    return IntStream.range(0, of.length)
        .filter(id -> of[id] > NONE)
        .mapToDouble(id -> Math.exp(of[id]) * (of[id] - from[id]))
        .sum();
  }

  /** Makes log-probabilities of logits; returns the log of what they summed up to. */
  private static double normalise(double[] logits) {
    double largest = Arrays.stream(logits).max().orElse(NONE);
    double total = Arrays.stream(logits).map(each -> Math.exp(each - largest)).sum();
    double logTotal = largest + Math.log(total);
    Arrays.setAll(logits, id -> logits[id] - logTotal);
    return logTotal;
  }
}
