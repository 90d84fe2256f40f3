package io.proxytune.bench;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import java.io.Serializable;

/**
 * Something that a benchmark measures beside its own time; immutable.
 *
 * @param name what it is, unlike any other of the same benchmark
 * @param unit its unit, such as {@code ms}; empty for a ratio
 * @param aim on which side of the target it should be
 * @param target the target; 0 where there is none
 */
record Figure(String name, String unit, Aim aim, double target) implements Serializable {
  /** What is wanted of a figure. */
  enum Aim {
    NONE,
    AT_MOST,
    AT_LEAST
  }

  Figure {
    checkArgument(!name.isEmpty(), "a figure needs a name, got an empty one");
    requireNonNull(unit, "unit");
    requireNonNull(aim, "aim");
  }

  /** Without a target. */
  static Figure of(String name, String unit) {
    return new Figure(name, unit, Aim.NONE, 0);
  }

  /** A ratio without a target. */
  static Figure ratio(String name) {
    return of(name, "");
  }

  Figure atMost(double target) {
    return new Figure(name, unit, Aim.AT_MOST, target);
  }

  Figure atLeast(double target) {
    return new Figure(name, unit, Aim.AT_LEAST, target);
  }

  boolean hasTarget() {
    return aim != Aim.NONE;
  }

  boolean isReachedBy(double value) {
    return aim == Aim.AT_MOST ? value <= target : value >= target;
  }
}
