package io.proxytune.examples.report;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * The points that the series of a chart have in common: immutable.
 *
 * @param label what they are
 * @param points how each is written
 * @param numbers where they are numbers, these: they stand to scale; else points stand at equal
 *     distances
 */
public record Axis(String label, List<String> points, Optional<List<Double>> numbers) {
  public Axis {
    points = List.copyOf(points);
    numbers = numbers.map(List::copyOf);
  }

  /** Points that are names. */
  public static Axis ofNames(String label, List<String> names) {
    return new Axis(label, names, Optional.empty());
  }

  /** Points that are finite numbers. */
  public static Axis ofNumbers(String label, List<Double> numbers) {
    checkArgument(
        numbers.stream().allMatch(Double::isFinite), "an axis needs finite numbers: %s", numbers);
    return new Axis(label, numbers.stream().map(Figures::parameter).toList(), Optional.of(numbers));
  }

  int size() {
    return points.size();
  }

  /** Where a point lies between the ends of the axis, 0 and 1; one alone lies in the middle. */
  double place(int point) {
    if (numbers.isEmpty()) {
      return size() == 1 ? 0.5 : (double) point / (size() - 1);
    }
    double least = Collections.min(numbers.get());
    double most = Collections.max(numbers.get());
    return least == most ? 0.5 : (numbers.get().get(point) - least) / (most - least);
  }
}
