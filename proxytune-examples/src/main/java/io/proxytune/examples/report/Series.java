package io.proxytune.examples.report;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.List;

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
}
