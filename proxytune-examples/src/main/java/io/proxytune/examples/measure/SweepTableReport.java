package io.proxytune.examples.measure;

import io.proxytune.examples.report.Axis;
import io.proxytune.examples.report.Chart;
import io.proxytune.examples.report.Figures;
import io.proxytune.examples.report.Report;
import io.proxytune.examples.report.Series;
import io.proxytune.examples.report.Table;
import io.proxytune.examples.search.Strengths;
import io.proxytune.examples.statistics.MeanScore;
import io.proxytune.examples.statistics.PairedDifference;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A sweep for people. */
public final class SweepTableReport {
  /** With more lines, their intervals would hide each other. */
  private static final int INTERVALS = 2;

  private final SweepTable sweep;

  private SweepTableReport(SweepTable sweep) {
    this.sweep = sweep;
  }

  /** The report. */
  public static Report of(SweepTable sweep) {
    return new SweepTableReport(sweep).report();
  }

  private Report report() {
    int count = sweep.questions().size();
    Report report =
        new Report("How strongly to steer: " + count + (count == 1 ? " question" : " questions"))
            .paragraph(verdict())
            .paragraph(ComparisonReport.SCORES)
            .chart(chart())
            .table(table());
    ComparisonReport.addMade(report, sweep.made());
    return report;
  }

  private String verdict() {
    SweepTable.Point best = sweep.best();
    StringBuilder text = new StringBuilder("Best: " + name(best));
    text.append(", mean score ").append(Figures.fraction(best.scores().mean().value()));
    text.append(". ").append(SweepTable.RULE);
    difference(text, 0);
    difference(text, 1);
    return text
        + " It was chosen on these very questions, which flatters it; tune-alpha keeps questions"
        + " apart for a fair look.";
  }

  private void difference(StringBuilder text, int alpha) {
    Optional<PairedDifference> difference = sweep.bestMinus(alpha);
    difference.ifPresent(
        it ->
            text.append(
                " Against \u03b1 = %d on the same questions: %s (%s)."
                    .formatted(
                        alpha,
                        Figures.difference(it.mean()),
                        Figures.ofDifference(it.interval()))));
  }

  private static String name(SweepTable.Point point) {
    return point.preset() + ", \u03b1 = " + point.strengths();
  }

  private Table table() {
    Table table = new Table("Mean score", List.of("\u03b1", "fused by", "score", "95 %"));
    for (SweepTable.Point point : sweep.points()) {
      MeanScore mean = point.scores().mean();
      table.row(
          point.strengths().toString(),
          point.preset(),
          Figures.fraction(mean.value()),
          mean.interval().map(Figures::range).orElse("-"));
    }
    return table;
  }

  /** Over the first pair's α: a line for each preset and each strength of the others. */
  private Chart chart() {
    Map<String, Map<Double, MeanScore>> lines = new LinkedHashMap<>();
    for (SweepTable.Point point : sweep.points()) {
      lines
          .computeIfAbsent(line(point), name -> new TreeMap<>())
          .put(point.strengths().alphas().get(0), point.scores().mean());
    }
    List<Series> series = new ArrayList<>();
    lines.forEach(
        (name, means) ->
            series.add(Series.of(name, List.copyOf(means.values()), lines.size() <= INTERVALS)));
    List<Double> first = List.copyOf(lines.values().iterator().next().keySet());
    boolean several = sweep.best().strengths().alphas().size() > 1;
    return new Chart(
        Chart.Kind.LINES,
        "Mean score by strength",
        "Lines over \u03b1; the table below holds the figures.",
        Axis.ofNumbers(several ? "\u03b1 of the first pair" : "\u03b1", first),
        "mean score",
        series,
        Chart.Range.UNIT);
  }

  private static String line(SweepTable.Point point) {
    List<Double> alphas = point.strengths().alphas();
    return alphas.size() == 1
        ? point.preset()
        : point.preset() + ", other \u03b1 = " + new Strengths(alphas.subList(1, alphas.size()));
  }
}
