package io.proxytune.examples.report;

import static com.google.common.base.Preconditions.checkArgument;

import io.proxytune.examples.statistics.Interval;
import io.proxytune.examples.statistics.MeanScore;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * One line or one colour of bars of a chart: immutable.
 *
 * @param name what the legend says
 * @param values a value for each point of the x axis; NaN where there is none
 * @param low the lower ends of the error bars, as many as values, or none
 * @param high the upper ends, as many as {@code low}
 */
public record Series(String name, List<Double> values, List<Double> low, List<Double> high) {
  public Series {
    values = List.copyOf(values);
    low = List.copyOf(low);
    high = List.copyOf(high);
    checkArgument(
        (low.isEmpty() || low.size() == values.size()) && low.size() == high.size(),
        "series %s: %s values need as many error bars or none, got %s and %s",
        name,
        values.size(),
        low.size(),
        high.size());
  }

  /** A series without error bars. */
  public static Series of(String name, List<Double> values) {
    return new Series(name, values, List.of(), List.of());
  }

  /**
   * Mean scores, with their intervals if wanted and all have one.
   *
   * @param intervals whether there is room for them
   */
  public static Series of(String name, List<MeanScore> means, boolean intervals) {
    List<Double> values = means.stream().map(MeanScore::value).toList();
    List<Interval> all = means.stream().flatMap(mean -> mean.interval().stream()).toList();
    return intervals && all.size() == means.size()
        ? new Series(
            name,
            values,
            all.stream().map(Interval::low).toList(),
            all.stream().map(Interval::high).toList())
        : Series.of(name, values);
  }

  /** The values in a sentence: first, last, and the greatest. */
  String spoken(List<String> points) {
    List<Integer> there =
        IntStream.range(0, values.size()).filter(i -> !values.get(i).isNaN()).boxed().toList();
    if (there.isEmpty()) {
      return name + ": no values.";
    }
    int most = there.stream().max(Comparator.comparing(values::get)).orElseThrow();
    return name
        + ": "
        + at(there.get(0), points)
        + " to "
        + at(there.get(there.size() - 1), points)
        + ", most "
        + at(most, points)
        + ".";
  }

  private String at(int index, List<String> points) {
    return Figures.fraction(values.get(index)) + " at " + points.get(index);
  }
}
