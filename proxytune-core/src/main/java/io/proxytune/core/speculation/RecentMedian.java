package io.proxytune.core.speculation;

import java.util.Arrays;

/**
 * The median of the latest few values, the lower one of two: neither a pause of the machine nor the
 * first time that something is done is typical. For one thread at a time.
 */
final class RecentMedian {
  private static final int LATEST = 5;

  private final double[] latest = new double[LATEST];
  private int count;
  private double value;

  RecentMedian copy() {
    RecentMedian copy = new RecentMedian();
    System.arraycopy(latest, 0, copy.latest, 0, LATEST);
    copy.count = count;
    copy.value = value;
    return copy;
  }

  void add(double next) {
    latest[count % LATEST] = next;
    count++;
    double[] sorted = Arrays.copyOf(latest, Math.min(count, LATEST));
    Arrays.sort(sorted);
    value = sorted[(sorted.length - 1) / 2];
  }

  /** Forgets all values but this new one, which counts for two. */
  void restart(double next) {
    count = 0;
    add(next);
    add(next);
  }

  /** How many values were added. */
  int count() {
    return count;
  }

  /** The median; 0 where none was added. */
  double value() {
    return value;
  }
}
