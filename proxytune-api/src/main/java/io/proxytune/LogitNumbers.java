package io.proxytune;

import static io.proxytune.internal.Checks.checkArgument;

/** Refuses numbers that make no logit, which is a float32. */
final class LogitNumbers {
  private LogitNumbers() {}

  /** A number that is added to a logit or taken from it. */
  static void requireSummand(double value, String what) {
    checkArgument(Double.isFinite(value), "%s must be finite, got %s", what, value);
    checkArgument(
        Math.abs(value) <= Float.MAX_VALUE,
        "%s must be at most %s in magnitude, the largest logit of float32, got %s",
        what,
        Float.MAX_VALUE,
        value);
  }

  /** A number that a logit is multiplied with or divided by. */
  static void requireFactor(double value, String what) {
    checkArgument(
        value > 0 && Double.isFinite(value), "%s must be finite and > 0, got %s", what, value);
    checkArgument(
        value >= Float.MIN_NORMAL && value <= Float.MAX_VALUE,
        "%s must be from %s to %s, the range of float32, got %s",
        what,
        Float.MIN_NORMAL,
        Float.MAX_VALUE,
        value);
  }
}
