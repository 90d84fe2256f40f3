package io.proxytune.examples.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SweepResultTest {
  private static SweepPoint point(double alpha, int right) {
    List<Mark> marks =
        IntStream.range(0, 4).mapToObj(i -> new Mark(i < right, i < 3, i < 2, i < 1)).toList();
    return new SweepPoint(
        alpha, new SystemResult(SystemId.PROXY, Map.of(Task.QUESTION, marks, Task.REFUSAL, marks)));
  }

  private static double best(SweepPoint... points) {
    return new SweepResult("dev", List.of(points)).best().alpha();
  }

  @Test
  void theGreatestMeanWins() {
    assertThat(best(point(0, 1), point(1, 2), point(2, 3))).isEqualTo(2);
  }

  @Test
  void tiesGoToTheAlphaNearestOneThenToTheSmaller() {
    assertThat(best(point(0, 2), point(0.75, 2), point(1.25, 2), point(2, 2))).isEqualTo(0.75);
  }

  @Test
  void theTradeOffCountsWhatItSays() {
    SweepPoint point = point(1, 0);
    assertThat(point.knowledge()).isEqualTo(0.75);
    assertThat(point.format()).isEqualTo(0.5);
    assertThat(point.refusal()).isEqualTo(0.25);
    assertThat(point.falseRefusal()).isEqualTo(0.25);
  }
}
