package io.proxytune.examples.measure;

import io.proxytune.examples.statistics.Bootstrap;
import io.proxytune.examples.statistics.Interval;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * How much of what tuning the base directly gains steering gains: (steered − base) / (direct −
 * base), the mean over the tasks that count, as in the paper. Immutable.
 *
 * @param tasks those that count: the 95 % interval of direct − base lies above zero
 * @param mean NaN where none counts
 * @param interval at 95 %, from resampling each task's questions; nothing where one of the tasks
 *     has fewer questions than {@link #FEWEST_FOR_INTERVAL}
 */
public record ScoreGap(List<String> tasks, double mean, Optional<Interval> interval) {
  /**
   * As of differences: with fewer, resampling takes a few lucky questions for more than they are.
   */
  static final int FEWEST_FOR_INTERVAL = 50;

  public ScoreGap {
    tasks = List.copyOf(tasks);
  }

  /** The scores of one task's questions. */
  private record TaskScores(SystemScores base, SystemScores steered, SystemScores direct) {
    int size() {
      return base.scores().size();
    }

    /** NaN where a resample leaves nothing to gain. */
    double gap(int[] chosen) {
      double low = mean(base, chosen);
      double high = mean(direct, chosen);
      return high > low ? (mean(steered, chosen) - low) / (high - low) : Double.NaN;
    }

    double gap() {
      return gap(IntStream.range(0, size()).toArray());
    }

    private static double mean(SystemScores system, int[] chosen) {
      return IntStream.of(chosen).mapToDouble(system.scores()::get).average().orElse(Double.NaN);
    }
  }

  /** Of a comparison that base, steered and directly tuned took part in. */
  static Optional<ScoreGap> of(Comparison comparison) {
    Optional<SystemScores> base = comparison.system(Comparison.BASE);
    Optional<SystemScores> steered = comparison.system(Comparison.STEERED);
    Optional<SystemScores> direct = comparison.system(Comparison.DIRECT);
    if (base.isEmpty() || steered.isEmpty() || direct.isEmpty()) {
      return Optional.empty();
    }
    List<Question> questions = comparison.questions();
    List<String> counted =
        comparison.tasks().stream()
            .filter(
                task ->
                    direct
                        .get()
                        .of(questions, task)
                        .minus(base.get().of(questions, task))
                        .isClearGain())
            .toList();
    return Optional.of(
        of(
            counted,
            counted.stream()
                .map(
                    task ->
                        new TaskScores(
                            base.get().of(questions, task),
                            steered.get().of(questions, task),
                            direct.get().of(questions, task)))
                .toList()));
  }

  private static ScoreGap of(List<String> names, List<TaskScores> tasks) {
    double mean = tasks.stream().mapToDouble(TaskScores::gap).average().orElse(Double.NaN);
    List<Integer> sizes = tasks.stream().map(TaskScores::size).toList();
    boolean few = tasks.isEmpty() || sizes.stream().anyMatch(size -> size < FEWEST_FOR_INTERVAL);
    Optional<Interval> interval =
        few
            ? Optional.empty()
            : Bootstrap.standard()
                .interval(
                    sizes,
                    chosen ->
                        IntStream.range(0, chosen.length)
                            .mapToDouble(i -> tasks.get(i).gap(chosen[i]))
                            .average()
                            .orElse(Double.NaN));
    return new ScoreGap(names, mean, interval);
  }
}
