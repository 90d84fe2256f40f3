package io.proxytune.examples.statistics;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * How many of how many: immutable.
 *
 * @param successes from 0 to {@code total}
 * @param total at least 1
 */
public record Proportion(int successes, int total) {
  /** The normal distribution's quantile of 0.975. */
  private static final double Z = 1.959963984540054;

  public Proportion {
    checkArgument(total >= 1, "total must be >= 1, got %s", total);
    checkArgument(
        successes >= 0 && successes <= total,
        "successes must be in [0, %s], got %s",
        total,
        successes);
  }

  /** The fraction, from 0 to 1. */
  public double value() {
    return (double) successes / total;
  }

  /** Wilson's score interval at 95 %. It is not of width zero where all or none succeed. */
  public Interval wilson() {
    double p = value();
    double z2 = Z * Z;
    double centre = p + z2 / (2 * total);
    double reach = Z * Math.sqrt((p * (1 - p) + z2 / (4 * total)) / total);
    double scale = 1 + z2 / total;
    return new Interval(
        successes == 0 ? 0 : (centre - reach) / scale,
        successes == total ? 1 : (centre + reach) / scale);
  }

  /**
   * The 95 % interval of this fraction minus another (Newcombe 1998, method 10). It takes the two
   * as independent; where both come from the same items it is wider than need be.
   */
  public Interval minus(Proportion other) {
    Interval ours = wilson();
    Interval theirs = other.wilson();
    double difference = value() - other.value();
    return new Interval(
        difference - Math.hypot(value() - ours.low(), theirs.high() - other.value()),
        difference + Math.hypot(ours.high() - value(), other.value() - theirs.low()));
  }
}
