package io.proxytune.examples.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.proxytune.examples.statistics.Interval;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Reports as plain text, to the character. */
class TextWriterTest {
  private static String text(Report report, int width) {
    return String.join("\n", TextWriter.lines(report, width)) + "\n";
  }

  private static Report table() {
    return new Report("Title")
        .table(
            new Table("What it shows", List.of("task", "base", "\u03b1"))
                .row("question", ".05", "1")
                .row("how-to", "1.00", "0.25"));
  }

  @Test
  void aTableThatFits() {
    assertThat(text(table(), 40))
        .isEqualTo(
            """
            Title
            =====

            What it shows
            task      base     \u03b1
            --------------------
            question   .05     1
            how-to    1.00  0.25
            """);
  }

  @Test
  void aTableThatIsTooWideBecomesGroupsOfLines() {
    assertThat(text(table(), 19))
        .isEqualTo(
            """
            Title
            =====

            What it shows
            question
              base  .05
              \u03b1     1
            how-to
              base  1.00
              \u03b1     0.25
            """);
  }

  @Test
  void paragraphsAreWrapped() {
    Report report = new Report("T").heading("Part").paragraph("one two\n three  four five");
    assertThat(text(report, 9)).isEqualTo("T\n=\n\nPart\n----\n\none two\nthree\nfour five\n");
  }

  @Test
  void aChartInCharacters() {
    Chart chart =
        new Chart(
            Chart.Kind.LINES,
            "Rise",
            "",
            Axis.ofNames("x", List.of("0", "1", "2")),
            "y",
            List.of(
                Series.of("up", List.of(0.0, 0.5, 1.0)),
                Series.of("gap", List.of(1.0, Double.NaN, 1.0))),
            Chart.Range.UNIT);
    assertThat(text(new Report("T").chart(chart), 40))
        .isEqualTo(
            """
            T
            =

            Rise
             1.00 |   b           *
                  |
                  |
                  |
                  |
             0.50 |         a
                  |
                  |
                  |
                  |
             0.00 |   a
                  +------------------
                      0     1     2
                   x
              a = up
              b = gap
            """);
  }

  @Test
  void rowsAndSeriesMustFit() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Table("cap", List.of("a", "b")).row("x"))
        .withMessage("a row of the table \"cap\" needs 2 cells, got [x]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Series("s", List.of(1.0), List.of(1.0, 2.0), List.of()));
  }

  @Test
  void figures() {
    assertThat(Figures.fraction(0.849)).isEqualTo(".85");
    assertThat(Figures.fraction(1)).isEqualTo("1.00");
    assertThat(Figures.fraction(-0.25)).isEqualTo("-.25");
    assertThat(Figures.fraction(-0.001)).isEqualTo(".00");
    assertThat(Figures.fraction(Double.NaN)).isEqualTo("-");
    assertThat(Figures.difference(0.0214)).isEqualTo("+.021");
    assertThat(Figures.difference(-0.0008)).isEqualTo("-.001");
    assertThat(Figures.difference(-1)).isEqualTo("-1.000");
    assertThat(Figures.ofDifference(Optional.of(new Interval(-0.5, 0.0))))
        .isEqualTo("-.500 to +.000");
    assertThat(Figures.parameter(2)).isEqualTo("2");
    assertThat(Figures.parameter(0.25)).isEqualTo("0.25");
    assertThat(Figures.number(3.14159, 2)).isEqualTo("3.14");
  }
}
