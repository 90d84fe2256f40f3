package io.proxytune.core.speculation;

/** An exponential average that begins as a plain one. For one thread at a time. */
final class MovingAverage {
  private final double rate;
  private double value;
  private int count;

  /**
   * Begins with a guess.
   *
   * @param value the guess
   * @param count how many values it counts for
   * @param rate the least weight of a new value, in {@code (0, 1]}
   */
  MovingAverage(double value, int count, double rate) {
    this.value = value;
    this.count = count;
    this.rate = rate;
  }

  MovingAverage copy() {
    return new MovingAverage(value, count, rate);
  }

  void add(double sample) {
    count++;
    value += Math.max(rate, 1.0 / count) * (sample - value);
  }

  double value() {
    return value;
  }
}
