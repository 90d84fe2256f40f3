package io.proxytune.examples.statistics;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;

/**
 * Intervals of any statistic by resampling items with replacement (Efron's percentile method):
 * immutable, the same for the same seed.
 *
 * @param seed fixes the resamples
 * @param resamples how many, at least 1
 */
public record Bootstrap(long seed, int resamples) {
  private static final double TAIL = 0.025;

  public Bootstrap {
    checkArgument(resamples >= 1, "resamples must be >= 1, got %s", resamples);
  }

  /** What reports use: seed 1, 2,000 resamples. */
  public static Bootstrap standard() {
    return new Bootstrap(1, 2000);
  }

  /**
   * The 95 % interval of a statistic of one or more groups of items; each group is resampled by
   * itself.
   *
   * @param groups the size of each group, at least 1
   * @param statistic from the chosen indices of each group to a number; NaN where it is not
   *     defined, such as a division by zero
   * @return the interval; nothing where the statistic was defined for no resample
   */
  public Optional<Interval> interval(List<Integer> groups, ToDoubleFunction<int[][]> statistic) {
    SplittableRandom random = new SplittableRandom(seed);
    double[] values =
        DoubleStream.generate(() -> statistic.applyAsDouble(resample(groups, random)))
            .limit(resamples)
            .filter(value -> !Double.isNaN(value))
            .sorted()
            .toArray();
    return values.length == 0
        ? Optional.empty()
        : Optional.of(new Interval(quantile(values, TAIL), quantile(values, 1 - TAIL)));
  }

  private static int[][] resample(List<Integer> groups, SplittableRandom random) {
    return groups.stream().map(size -> random.ints(size, 0, size).toArray()).toArray(int[][]::new);
  }

  /** Between the two nearest values, as R's default does. */
  static double quantile(double[] sorted, double fraction) {
    double place = fraction * (sorted.length - 1);
    int below = (int) place;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
  }
}
