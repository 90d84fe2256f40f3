package io.proxytune.core.sampling;

import java.util.function.DoubleFunction;

/**
 * Finds the strength at which an offset d shifts a distribution p by a given amount. With {@code
 * A(s) = log Σ p · exp(s · d)} and expectations under the shifted distribution, {@code KL = s ·
 * E[d] − A(s)}, and its derivative is {@code s · Var[d]}: it grows from 0, and is solved by
 * Newton's method between bounds.
 */
public final class KlMatch {
  private static final double TOLERANCE = 1e-11;
  private static final int MAX_STEPS = 60;

  private KlMatch() {}

  /**
   * A distribution that was shifted by a strength.
   *
   * @param kl its divergence from what it was, in nats
   * @param slope by how much that grows with the strength
   */
  public record Shift(double kl, double slope) {}

  /**
   * Solves for the strength.
   *
   * @param target the divergence to reach
   * @param most the largest strength, above 0
   * @param shift the shift at a strength from 0 to the largest
   * @return the strength, or the largest where that does not reach the target
   */
  public static double solve(double target, double most, DoubleFunction<Shift> shift) {
    if (target <= 0) {
      return 0;
    }
    if (!(shift.apply(most).kl > target)) {
      return most;
    }
    double low = 0;
    double high = most;
    double strength = Math.min(1, most);
    for (int step = 0; step < MAX_STEPS && high - low > TOLERANCE * most; step++) {
      Shift at = shift.apply(strength);
      low = at.kl <= target ? strength : low;
      high = at.kl <= target ? high : strength;
      double next = strength - (at.kl - target) / at.slope;
      if (Math.abs(next - strength) <= TOLERANCE * most) {
        return strength;
      }
      strength = next > low && next < high ? next : (low + high) / 2;
    }
    return strength;
  }
}
