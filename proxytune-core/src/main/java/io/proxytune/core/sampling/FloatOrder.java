package io.proxytune.core.sampling;

import java.util.function.DoublePredicate;

/** The floats as a row of neighbours: integers in the same order. */
final class FloatOrder {
  private FloatOrder() {}

  /** An integer for each float but NaN, in the same order; −0 is below 0. */
  static int rank(float value) {
    return flip(Float.floatToIntBits(value));
  }

  /** The float of a {@link #rank}. */
  static float value(int rank) {
    return Float.intBitsToFloat(flip(rank));
  }

  /** Between IEEE 754's sign and magnitude and two's complement: its own inverse. */
  private static int flip(int bits) {
    return bits ^ ((bits >> 31) & Integer.MAX_VALUE);
  }

  /**
   * The smallest float that passes a test.
   *
   * @param largest a finite float that passes
   * @param test fails up to some float and passes from there on
   */
  static float leastPassing(float largest, DoublePredicate test) {
    long failing = rank(Float.NEGATIVE_INFINITY);
    long passing = rank(largest);
    while (passing - failing > 1) {
      long middle = Math.floorDiv(failing + passing, 2L);
      if (test.test(value((int) middle))) {
        passing = middle;
      } else {
        failing = middle;
      }
    }
    return value((int) passing);
  }
}
