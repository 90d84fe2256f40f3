package io.proxytune.examples.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.proxytune.examples.evaluation.GapClosed.TaskGap;
import io.proxytune.examples.statistics.Bootstrap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class GapClosedTest {
  private static List<Mark> marks(int right, int of) {
    return IntStream.range(0, of).mapToObj(i -> new Mark(i < right, true, true, false)).toList();
  }

  private static SystemResult system(SystemId id, int questions, int howTos) {
    return new SystemResult(
        id, Map.of(Task.QUESTION, marks(questions, 100), Task.HOWTO, marks(howTos, 50)));
  }

  private static GapClosed gap(SystemResult base, SystemResult proxy, SystemResult direct) {
    return GapClosed.of(base, proxy, direct, new Bootstrap(1, 500));
  }

  @Test
  void theMeanIsOverTasks() {
    GapClosed gap =
        gap(
            system(SystemId.BASE, 10, 0),
            system(SystemId.PROXY, 70, 50),
            system(SystemId.DIRECT, 90, 50));
    assertThat(gap.mean()).isCloseTo((0.75 + 1) / 2, within(1e-12));
    assertThat(gap.interval()).hasValueSatisfying(it -> assertThat(it.low()).isBetween(0.7, 0.875));
    assertThat(gap.interval())
        .hasValueSatisfying(it -> assertThat(it.high()).isBetween(0.875, 1.0));
  }

  @Test
  void aTaskWithoutAClearGapDoesNotCount() {
    GapClosed gap =
        gap(
            system(SystemId.BASE, 10, 24),
            system(SystemId.PROXY, 50, 0),
            system(SystemId.DIRECT, 90, 26));
    assertThat(gap.tasks(task -> !task.counts())).containsExactly(Task.HOWTO);
    assertThat(gap.mean()).isEqualTo(0.5);
  }

  @Test
  void withoutAnyGapThereIsNoMean() {
    SystemResult same = system(SystemId.BASE, 100, 50);
    GapClosed gap = gap(same, same, same);
    assertThat(gap.mean()).isNaN();
    assertThat(gap.interval()).isEmpty();
    assertThat(gap.tasks()).noneMatch(TaskGap::counts);
  }

  @Test
  void moreThanDirectTuningIsMoreThanOne() {
    GapClosed gap =
        gap(
            system(SystemId.BASE, 0, 0),
            system(SystemId.PROXY, 60, 30),
            system(SystemId.DIRECT, 50, 25));
    assertThat(gap.mean()).isCloseTo(1.2, within(1e-12));
  }
}
