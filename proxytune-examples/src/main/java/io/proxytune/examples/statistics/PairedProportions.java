package io.proxytune.examples.statistics;

import java.util.List;

/**
 * Two systems right or wrong on the same items: immutable.
 *
 * @param both items on which both are right
 * @param first those on which the first alone is
 * @param second those on which the second alone is
 * @param neither those on which none is
 */
record PairedProportions(int both, int first, int second, int neither) {
  static PairedProportions of(List<Double> scores, List<Double> others) {
    int[] counts = new int[4];
    for (int i = 0; i < scores.size(); i++) {
      counts[(scores.get(i) == 1 ? 0 : 2) + (others.get(i) == 1 ? 0 : 1)]++;
    }
    return new PairedProportions(counts[0], counts[1], counts[2], counts[3]);
  }

  /**
   * The 95 % interval of first minus second (Newcombe, Statistics in Medicine 17 (1998) 2635–2650,
   * method 10). It is never of width zero, and wide where items are few.
   */
  Interval interval() {
    int total = both + first + second + neither;
    Proportion one = new Proportion(both + first, total);
    Proportion other = new Proportion(both + second, total);
    Interval ours = one.wilson();
    Interval theirs = other.wilson();
    double difference = one.value() - other.value();
    double correlation = correlation(total);
    return new Interval(
        difference - reach(one.value() - ours.low(), theirs.high() - other.value(), correlation),
        difference + reach(ours.high() - one.value(), other.value() - theirs.low(), correlation));
  }

  private static double reach(double ours, double theirs, double correlation) {
    return Math.sqrt(Math.max(0, ours * ours - 2 * correlation * ours * theirs + theirs * theirs));
  }

  /** The paper's φ, corrected for continuity where it is positive. */
  private double correlation(int total) {
    double margins =
        (double) (both + first) * (second + neither) * (both + second) * (first + neither);
    double product = (double) both * neither - (double) first * second;
    double corrected = product > 0 ? Math.max(0, product - total / 2.0) : product;
    return margins == 0 ? 0 : corrected / Math.sqrt(margins);
  }
}
