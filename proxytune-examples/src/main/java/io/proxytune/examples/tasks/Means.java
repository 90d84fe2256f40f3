package io.proxytune.examples.tasks;

/**
 * Means and what is made of them. Sums are pairwise in the order that NumPy has, so that a metric
 * agrees with one that was published to the last digit, not only to rounding.
 */
public final class Means {
  private static final int BLOCK = 128;
  private static final int LANES = 8;

  private Means() {}

  /** The mean; NaN of nothing. */
  static double mean(double... values) {
    return sum(values, 0, values.length) / values.length;
  }

  /** The standard error of the mean, with n − 1; NaN of fewer than two values. */
  static double standardError(double... values) {
    double mean = mean(values);
    double[] squares = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      squares[i] = (values[i] - mean) * (values[i] - mean);
    }
    double variance = sum(squares, 0, squares.length) / (values.length - 1);
    return Math.sqrt(variance) / Math.sqrt(values.length);
  }

  private static double sum(double[] values, int from, int count) {
    if (count < LANES) {
      double sum = 0;
      for (int i = 0; i < count; i++) {
        sum += values[from + i];
      }
      return sum;
    }
    if (count > BLOCK) {
      int half = count / 2;
      half -= half % LANES;
      return sum(values, from, half) + sum(values, from + half, count - half);
    }
    return block(values, from, count);
  }

  private static double block(double[] values, int from, int count) {
    double[] lanes = new double[LANES];
    int whole = count - count % LANES;
    for (int i = 0; i < whole; i++) {
      lanes[i % LANES] += values[from + i];
    }
    double sum =
        ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3]))
            + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
    for (int i = whole; i < count; i++) {
      sum += values[from + i];
    }
    return sum;
  }

  /**
   * The probability that at least one of k samples is right, estimated from n of which c are (Chen
   * et al. 2021, arXiv 2107.03374): 1 − C(n − c, k) / C(n, k).
   *
   * @param n how many samples there are, at least k
   * @param c how many of them are right, from 0 to n
   * @param k how many may be tried, at least 1
   * @return from 0 to 1
   */
  public static double passAtK(int n, int c, int k) {
    if (n - c < k) {
      return 1;
    }
    double missed = 1;
    for (int i = n - c + 1; i <= n; i++) {
      missed *= 1 - (double) k / i;
    }
    return 1 - missed;
  }
}
