package io.proxytune.examples.evaluation;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Comparator;
import java.util.List;
import java.util.Set;

/**
 * One set at several strengths: immutable.
 *
 * @param set the name of the set
 * @param points at least one, by increasing α
 */
record SweepResult(String set, List<SweepPoint> points) {
  /** How the best α is chosen, in words. */
  static final String RULE =
      "The best α has the greatest mean over the tasks of exact match; ties go to the α nearest 1,"
          + " then to the smaller.";

  SweepResult {
    points = List.copyOf(points);
    checkArgument(!points.isEmpty(), "a sweep needs at least one strength");
  }

  Set<Task> tasks() {
    return points.get(0).result().tasks();
  }

  SweepPoint best() {
    return points.stream()
        .min(
            Comparator.comparingDouble((SweepPoint point) -> -point.result().meanExact())
                .thenComparingDouble(point -> Math.abs(point.alpha() - 1))
                .thenComparingDouble(SweepPoint::alpha))
        .orElseThrow();
  }
}
