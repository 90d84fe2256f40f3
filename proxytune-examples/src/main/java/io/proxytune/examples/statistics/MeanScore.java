package io.proxytune.examples.statistics;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.List;
import java.util.Optional;

/**
 * What a system scores over items: immutable.
 *
 * @param items how many, at least 1
 * @param value the mean score
 * @param interval its 95 % interval: Wilson's where every score is 0 or 1, else from resampling;
 *     nothing where graded scores are few or all the same
 */
public record MeanScore(int items, double value, Optional<Interval> interval) {
  /** Sums scores up. */
  public static MeanScore of(List<Double> scores) {
    checkArgument(!scores.isEmpty(), "a mean needs at least one score, got none");
    double mean = mean(scores);
    if (isBinary(scores)) {
      int right = (int) scores.stream().filter(score -> score == 1).count();
      Interval wilson = new Proportion(right, scores.size()).wilson();
      return new MeanScore(scores.size(), mean, Optional.of(wilson));
    }
    boolean told =
        scores.size() >= PairedDifference.MANY_GRADED
            && scores.stream().distinct().limit(2).count() == 2;
    return new MeanScore(scores.size(), mean, told ? resampled(scores) : Optional.empty());
  }

  static boolean isBinary(List<Double> scores) {
    return scores.stream().allMatch(score -> score == 0 || score == 1);
  }

  static double mean(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
  }

  static Optional<Interval> resampled(List<Double> values) {
    return Bootstrap.standard().interval(List.of(values.size()), it -> mean(values, it[0]));
  }

  private static double mean(List<Double> values, int[] chosen) {
    double sum = 0;
    for (int index : chosen) {
      sum += values.get(index);
    }
    return sum / chosen.length;
  }
}
