package io.proxytune.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ResultTableTest {
  private final ResultTable table = new ResultTable();

  @Test
  void tellsWhatReachedItsTarget() {
    table.add("Step.round", new FigureResult(Figure.ratio("low").atMost(1.1), 1.1));
    table.add("Step.round", new FigureResult(Figure.ratio("too high").atMost(1.1), 1.11));
    table.add("Text.round", new FigureResult(Figure.ratio("high").atLeast(2), 2));
    table.add("Text.round", new FigureResult(Figure.ratio("too low").atLeast(2), 1.99));
    assertThat(table.markdown())
        .isEqualTo(
            """
            | benchmark  | figure   | measured | range        | target  | reached |
            |------------|----------|----------|--------------|---------|---------|
            | Step.round | low      | 1.10     | 1.10 to 1.10 | <= 1.10 | yes     |
            | Step.round | too high | 1.11     | 1.11 to 1.11 | <= 1.10 | **no**  |
            | Text.round | high     | 2.00     | 2.00 to 2.00 | >= 2.00 | yes     |
            | Text.round | too low  | 1.99     | 1.99 to 1.99 | >= 2.00 | **no**  |
            """);
  }

  @Test
  void putsWhatHasNoTargetLast() {
    table.add("Step.round", new FigureResult(Figure.of("time", "ms"), 105.4));
    table.add("Text.round", new FigureResult(Figure.ratio("high").atLeast(2), 3));
    assertThat(table.markdown().lines().skip(2))
        .containsExactly(
            "| Text.round | high   | 3.00     | 3.00 to 3.00 | >= 2.00 | yes     |",
            "| Step.round | time   | 105 ms   | 105 to 105   |         |         |");
  }

  @Test
  void aTargetMissedByLessThanARoundingIsStillMissed() {
    table.add("Step.round", new FigureResult(Figure.ratio("step").atMost(1.1), 1.1004));
    assertThat(table.markdown()).contains("| 1.10 ").contains("**no**");
  }

  @Test
  void isEmptyWithoutFigures() {
    assertThat(table.isEmpty()).isTrue();
    table.add("Step.round", new FigureResult(Figure.ratio("step"), 1));
    assertThat(table.isEmpty()).isFalse();
  }
}
