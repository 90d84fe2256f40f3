package io.proxytune.examples.statistics;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * How far two quantities rise together: Spearman's ρ, equal values sharing their mean rank.
 * Immutable.
 *
 * @param value from −1 to 1; NaN where one of the two is the same everywhere
 * @param interval its 95 % interval, from resampling the pairs; nothing where it is not defined
 * @param pairs how many pairs of values, at least 2
 */
public record RankCorrelation(double value, Optional<Interval> interval, int pairs) {
  /**
   * Compares two lists.
   *
   * @param ones no NaN, at least two
   * @param others as many, no NaN
   */
  public static RankCorrelation of(List<Double> ones, List<Double> others) {
    checkArgument(
        ones.size() == others.size() && ones.size() >= 2,
        "a correlation needs as many values of both, at least 2, got %s and %s",
        ones.size(),
        others.size());
    checkArgument(
        ones.stream().noneMatch(it -> it.isNaN()) && others.stream().noneMatch(it -> it.isNaN()),
        "a correlation needs numbers, got NaN");
    double[] first = ones.stream().mapToDouble(Double::doubleValue).toArray();
    double[] second = others.stream().mapToDouble(Double::doubleValue).toArray();
    double value = spearman(first, second);
    Optional<Interval> interval =
        Double.isNaN(value)
            ? Optional.empty()
            : Bootstrap.standard()
                .interval(
                    List.of(first.length),
                    it -> spearman(chosen(first, it[0]), chosen(second, it[0])));
    return new RankCorrelation(value, interval, first.length);
  }

  private static double[] chosen(double[] values, int[] indices) {
    return Arrays.stream(indices).mapToDouble(index -> values[index]).toArray();
  }

  private static double spearman(double[] ones, double[] others) {
    return pearson(ranks(ones), ranks(others));
  }

  /** From 0, in the order of the values. */
  private static double[] ranks(double[] values) {
    int[] order =
        IntStream.range(0, values.length)
            .boxed()
            .sorted(Comparator.comparingDouble(index -> values[index]))
            .mapToInt(Integer::intValue)
            .toArray();
    double[] ranks = new double[values.length];
    int start = 0;
    while (start < order.length) {
      int end = start;
      while (end < order.length && values[order[end]] == values[order[start]]) {
        end++;
      }
      for (int i = start; i < end; i++) {
        ranks[order[i]] = (start + end - 1) / 2.0;
      }
      start = end;
    }
    return ranks;
  }

  private static double pearson(double[] ones, double[] others) {
    double mean = Arrays.stream(ones).average().orElse(0);
    double otherMean = Arrays.stream(others).average().orElse(0);
    double product = 0;
    double square = 0;
    double otherSquare = 0;
    for (int i = 0; i < ones.length; i++) {
      product += (ones[i] - mean) * (others[i] - otherMean);
      square += (ones[i] - mean) * (ones[i] - mean);
      otherSquare += (others[i] - otherMean) * (others[i] - otherMean);
    }
    return square == 0 || otherSquare == 0 ? Double.NaN : product / Math.sqrt(square * otherSquare);
  }
}
