package io.proxytune.core.sampling;

import static org.assertj.core.api.Assertions.assertThat;

/** Pearson's test of drawn counts against exact probabilities. */
final class ChiSquare {
  /** The values that chi-square exceeds with probability 1e-4, by degrees of freedom from 1. */
  private static final double[] CRITICAL = {
    15.137, 18.421, 21.108, 23.513, 25.745, 27.856, 29.878, 31.828
  };

  private ChiSquare() {}

  static void assertFits(long[] counts, double[] probabilities) {
    long total = 0;
    for (long count : counts) {
      total += count;
    }
    double statistic = 0;
    int possible = 0;
    for (int i = 0; i < counts.length; i++) {
      if (probabilities[i] == 0) {
        assertThat(counts[i]).as("draws of impossible id %s", i).isZero();
      } else {
        double expected = total * probabilities[i];
        statistic += (counts[i] - expected) * (counts[i] - expected) / expected;
        possible++;
      }
    }
    if (possible > 1) {
      assertThat(statistic).as("chi-square").isLessThan(CRITICAL[possible - 2]);
    }
  }
}
