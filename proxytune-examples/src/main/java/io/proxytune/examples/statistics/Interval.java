package io.proxytune.examples.statistics;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * A range that a figure lies in, with stated confidence: immutable.
 *
 * @param low the lower bound
 * @param high the upper bound, not below {@code low}
 */
public record Interval(double low, double high) {
  public Interval {
    checkArgument(low <= high, "low must be <= high, got %s and %s", low, high);
  }

  /** Whether zero lies below the interval. */
  public boolean isPositive() {
    return low > 0;
  }
}
