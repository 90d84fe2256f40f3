package io.proxytune.examples.measure;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.examples.report.Axis;
import io.proxytune.examples.report.Chart;
import io.proxytune.examples.report.Figures;
import io.proxytune.examples.report.Report;
import io.proxytune.examples.report.Series;
import io.proxytune.examples.report.Table;
import io.proxytune.examples.statistics.MeanScore;
import io.proxytune.examples.statistics.PairedDifference;
import java.util.ArrayList;
import java.util.List;

/** A comparison for people. */
public final class ComparisonReport {
  static final String SCORES =
      "An answer scores 1 where it is right and 0 where it is wrong, or what a program of the"
          + " user's gave it. Ranges are 95 %: Wilson's of right and wrong, else from resampling"
          + " the questions; none where graded scores are few or all the same.";

  private final Comparison comparison;

  private ComparisonReport(Comparison comparison) {
    this.comparison = comparison;
  }

  /** The report. */
  public static Report of(Comparison comparison) {
    return new ComparisonReport(comparison).report();
  }

  private Report report() {
    int count = comparison.questions().size();
    Report report =
        new Report("Scores on " + count + (count == 1 ? " question" : " questions"))
            .paragraph(SCORES)
            .table(scores())
            .chart(chart());
    if (comparison.tasks().size() > 1) {
      report.heading("By task").table(byTask());
    }
    if (comparison.systems().size() > 1) {
      report
          .heading("Differences on the same questions")
          .table(differences())
          .paragraph(PairedDifference.METHODS);
      comparison.gap().ifPresent(gap -> report.paragraph(words(gap)));
    }
    addMade(report, comparison.made());
    return report;
  }

  private Table scores() {
    Table table = new Table("Mean score by system", List.of("system", "score", "95 %"));
    for (SystemScores system : comparison.systems()) {
      MeanScore mean = system.mean();
      table.row(
          system.title(),
          Figures.fraction(mean.value()),
          mean.interval().map(Figures::range).orElse("-"));
    }
    return table;
  }

  private Chart chart() {
    List<SystemScores> systems = comparison.systems();
    return new Chart(
        Chart.Kind.BARS,
        "Mean score by system",
        "A bar a system, with its 95 % interval; the table above holds the figures.",
        Axis.ofNames("system", systems.stream().map(SystemScores::title).toList()),
        "mean score",
        List.of(Series.of("score", systems.stream().map(SystemScores::mean).toList(), true)),
        Chart.Range.UNIT);
  }

  private Table byTask() {
    List<String> header = new ArrayList<>(List.of("task", "n"));
    comparison.systems().forEach(system -> header.add(system.title()));
    Table table = new Table("Mean score by task and system", header);
    for (String task : comparison.tasks()) {
      List<String> row = new ArrayList<>(List.of(task.isEmpty() ? "(none)" : task));
      row.add(
          Long.toString(
              comparison.questions().stream().filter(it -> it.task().equals(task)).count()));
      for (SystemScores system : comparison.systems()) {
        row.add(Figures.fraction(system.of(comparison.questions(), task).mean().value()));
      }
      table.row(row);
    }
    return table;
  }

  private Table differences() {
    List<Comparison.Difference> differences = comparison.differences();
    String one = differences.get(0).one().title();
    Table table =
        new Table(
            "Score of " + one + " minus that of", List.of("", "difference", "95 %", "method"));
    for (Comparison.Difference each : differences) {
      table.row(
          each.other().title(),
          Figures.difference(each.difference().mean()),
          Figures.ofDifference(each.difference().interval()),
          each.difference().method().words());
    }
    return table;
  }

  private String words(ScoreGap gap) {
    if (gap.tasks().isEmpty()) {
      return "Gap closed: not to be told, since tuning the base directly does not clearly gain"
          + " anything here.";
    }
    String tasks =
        comparison.tasks().size() == 1
            ? ""
            : ", the mean over "
                + gap.tasks().size()
                + " of "
                + comparison.tasks().size()
                + " tasks";
    return "Gap closed, (steered \u2212 base) / (directly tuned \u2212 base): "
        + Figures.number(gap.mean(), 2)
        + gap.interval()
            .map(
                it ->
                    " ("
                        + Figures.number(it.low(), 2)
                        + " to "
                        + Figures.number(it.high(), 2)
                        + ")")
            .orElse(", of too few questions for a range")
        + tasks
        + ".";
  }

  /** Version, models, options, command and date of a report. */
  public static void addMade(Report report, ObjectNode made) {
    Table table = new Table("What the figures were made with", List.of("what", "value"));
    for (var fact : made.properties()) {
      if (fact.getValue().isValueNode()) {
        table.row(fact.getKey(), fact.getValue().asText());
      }
    }
    for (JsonNode model : made.path("models")) {
      table.row(model.path("role").asText(), model.path("name").asText());
    }
    report.appendix("How it was made", table);
  }
}
