package io.proxytune.examples.study;

import io.proxytune.examples.evaluation.Mark;
import io.proxytune.examples.evaluation.SystemResult;
import io.proxytune.examples.evaluation.Task;
import io.proxytune.examples.statistics.Bootstrap;
import io.proxytune.examples.statistics.Interval;
import java.util.ArrayList;
import java.util.List;

/**
 * By how much one system's mean exact match over the tasks is above another's on the same
 * questions: immutable.
 *
 * @param value the difference of the means
 * @param interval its 95 % interval: each task's questions are resampled with the marks of both
 */
record Contrast(double value, Interval interval) {
  static Contrast of(SystemResult one, SystemResult other) {
    List<List<Integer>> differences = new ArrayList<>();
    for (Task task : one.tasks()) {
      differences.add(
          differences(
              one.marks().getOrDefault(task, List.of()),
              other.marks().getOrDefault(task, List.of())));
    }
    Interval interval =
        Bootstrap.standard()
            .interval(differences.stream().map(List::size).toList(), it -> mean(differences, it))
            .orElseThrow();
    return new Contrast(one.meanExact() - other.meanExact(), interval);
  }

  private static List<Integer> differences(List<Mark> ones, List<Mark> others) {
    List<Integer> differences = new ArrayList<>();
    for (int i = 0; i < ones.size(); i++) {
      differences.add((ones.get(i).exact() ? 1 : 0) - (others.get(i).exact() ? 1 : 0));
    }
    return differences;
  }

  private static double mean(List<List<Integer>> differences, int[][] chosen) {
    double sum = 0;
    for (int task = 0; task < chosen.length; task++) {
      double of = 0;
      for (int index : chosen[task]) {
        of += differences.get(task).get(index);
      }
      sum += of / chosen[task].length;
    }
    return sum / chosen.length;
  }

  /** Whether zero lies outside the interval. */
  boolean isClear() {
    return interval.low() > 0 || interval.high() < 0;
  }
}
