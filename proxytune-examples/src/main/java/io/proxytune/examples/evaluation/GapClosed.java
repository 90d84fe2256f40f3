package io.proxytune.examples.evaluation;

import io.proxytune.examples.statistics.Bootstrap;
import io.proxytune.examples.statistics.Interval;
import io.proxytune.examples.statistics.Proportion;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * How much of what tuning the base directly gains proxy-tuning gains: (proxy − base) / (direct −
 * base), by task and on average. Immutable.
 *
 * @param tasks every task
 * @param mean the mean over the tasks that count; NaN where none does
 * @param interval the mean's 95 % interval, from resampling each task's items
 */
public record GapClosed(List<TaskGap> tasks, double mean, Optional<Interval> interval) {
  /**
   * One task.
   *
   * @param counts whether tuning directly gains anything: the 95 % interval of direct − base lies
   *     above zero
   * @param value the gap closed, NaN where the task does not count
   */
  public record TaskGap(Task task, boolean counts, double value) {}

  public GapClosed {
    tasks = List.copyOf(tasks);
  }

  /** Compares three systems on the same items. */
  public static GapClosed of(SystemResult base, SystemResult proxy, SystemResult direct) {
    return of(base, proxy, direct, Bootstrap.standard());
  }

  static GapClosed of(
      SystemResult base, SystemResult proxy, SystemResult direct, Bootstrap bootstrap) {
    List<TaskGap> gaps = base.tasks().stream().map(task -> gap(task, base, proxy, direct)).toList();
    double mean =
        gaps.stream()
            .filter(TaskGap::counts)
            .mapToDouble(TaskGap::value)
            .average()
            .orElse(Double.NaN);
    List<Task> counted = gaps.stream().filter(TaskGap::counts).map(TaskGap::task).toList();
    return new GapClosed(gaps, mean, interval(counted, base, proxy, direct, bootstrap));
  }

  private static TaskGap gap(
      Task task, SystemResult base, SystemResult proxy, SystemResult direct) {
    Proportion low = base.exact(task);
    Proportion high = direct.exact(task);
    boolean counts = high.minus(low).isPositive();
    double value = ratio(low.value(), proxy.exact(task).value(), high.value());
    return new TaskGap(task, counts, counts ? value : Double.NaN);
  }

  /** Not defined where a resample leaves nothing to gain. */
  private static double ratio(double base, double proxy, double direct) {
    return direct > base ? (proxy - base) / (direct - base) : Double.NaN;
  }

  private static Optional<Interval> interval(
      List<Task> tasks,
      SystemResult base,
      SystemResult proxy,
      SystemResult direct,
      Bootstrap bootstrap) {
    if (tasks.isEmpty()) {
      return Optional.empty();
    }
    List<Integer> sizes = tasks.stream().map(task -> base.of(task).size()).toList();
    return bootstrap.interval(
        sizes,
        chosen -> {
          double sum = 0;
          for (int i = 0; i < chosen.length; i++) {
            Task task = tasks.get(i);
            sum +=
                ratio(
                    exact(base.of(task), chosen[i]),
                    exact(proxy.of(task), chosen[i]),
                    exact(direct.of(task), chosen[i]));
          }
          return sum / chosen.length;
        });
  }

  private static double exact(List<Mark> marks, int[] chosen) {
    int right = 0;
    for (int index : chosen) {
      right += marks.get(index).exact() ? 1 : 0;
    }
    return (double) right / chosen.length;
  }

  /** The tasks that count, or those that don't. */
  public List<Task> tasks(Predicate<TaskGap> wanted) {
    return tasks.stream().filter(wanted).map(TaskGap::task).toList();
  }
}
