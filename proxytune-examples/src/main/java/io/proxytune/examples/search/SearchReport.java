package io.proxytune.examples.search;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.examples.report.Axis;
import io.proxytune.examples.report.Chart;
import io.proxytune.examples.report.Figures;
import io.proxytune.examples.report.Report;
import io.proxytune.examples.report.ScoreJson;
import io.proxytune.examples.report.Series;
import io.proxytune.examples.report.Table;
import io.proxytune.examples.statistics.MeanScore;
import io.proxytune.examples.statistics.PairedDifference;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** A search for people and for programs. */
public final class SearchReport {
  private final SearchResult result;

  private SearchReport(SearchResult result) {
    this.result = result;
  }

  /** The report. */
  public static Report of(SearchResult result) {
    return new SearchReport(result).report();
  }

  private Report report() {
    Report report =
        new Report("Recommended: \u03b1 = " + result.recommended())
            .paragraph(
                "The search's best is \u03b1 = %s: %s."
                    .formatted(result.winner(), result.verdict().words()))
            .paragraph(
                "Answers asked for: %d, where all candidates on all questions would have been %d."
                    .formatted(result.calls(), result.fullGrid()))
            .heading("On questions that the search did not see")
            .table(confirmed())
            .table(differences())
            .paragraph(PairedDifference.METHODS)
            .heading("The search")
            .paragraph(
                "Candidates that score worse leave early: their score is of fewer questions, and"
                    + " says less. The best flatters itself here; the tables above don't.")
            .table(tried());
    if (result.winner().alphas().size() == 1) {
      report.chart(chart());
    }
    return report;
  }

  private Table confirmed() {
    SearchResult.Confirmation seen = result.confirmation();
    int questions = seen.none().items();
    Table table =
        new Table("Mean score on " + questions + " questions", List.of("\u03b1", "score", "95 %"));
    if (!isAll(0) && !isAll(1)) {
      row(table, result.winner() + ", the search's best", seen.winner());
    }
    row(table, "1, as in the paper", seen.usual());
    row(table, "0, no steering", seen.none());
    return table;
  }

  private static void row(Table table, String name, MeanScore mean) {
    table.row(name, Figures.fraction(mean.value()), range(mean));
  }

  private static String range(MeanScore mean) {
    return mean.interval().map(Figures::range).orElse("-");
  }

  private Table differences() {
    SearchResult.Confirmation seen = result.confirmation();
    Table table =
        new Table("Paired differences", List.of("\u03b1", "difference", "95 %", "method"));
    String best = result.winner() + " - ";
    if (!isAll(0)) {
      row(table, best + "0", seen.overNone());
    }
    if (!isAll(1)) {
      row(table, best + "1", seen.overUsual());
      row(table, "1 - 0", seen.usualOverNone());
    }
    row(table, best + result.runnerUp() + ", the runner-up", seen.overRunnerUp());
    return table;
  }

  private boolean isAll(double alpha) {
    Strengths winner = result.winner();
    return winner.equals(Strengths.ofAll(winner.alphas().size(), alpha));
  }

  private static void row(Table table, String name, PairedDifference difference) {
    table.row(
        name,
        Figures.difference(difference.mean()),
        Figures.ofDifference(difference.interval()),
        difference.method().words());
  }

  private Table tried() {
    Table table =
        new Table("All candidates, best first", List.of("\u03b1", "questions", "score", "95 %"));
    for (SearchResult.Tried each : result.tried()) {
      table.row(
          each.strengths().toString(),
          Integer.toString(each.mean().items()),
          Figures.fraction(each.mean().value()),
          range(each.mean()));
    }
    return table;
  }

  private Chart chart() {
    List<SearchResult.Tried> tried =
        result.tried().stream()
            .sorted(Comparator.comparing(each -> each.strengths().alphas().get(0)))
            .toList();
    return new Chart(
        Chart.Kind.LINES,
        "Score in the search by strength",
        "A line over \u03b1, each point with its 95 % interval; the table above holds the figures.",
        Axis.ofNumbers(
            "\u03b1", tried.stream().map(each -> each.strengths().alphas().get(0)).toList()),
        "mean score",
        List.of(
            Series.of(
                "score, of the questions that it stayed for",
                tried.stream().map(SearchResult.Tried::mean).toList(),
                true)),
        Chart.Range.UNIT);
  }

  /** For programs. */
  public static ObjectNode json(SearchResult result) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    put(json, "recommended", result.recommended());
    json.put("verdict", result.verdict().name().toLowerCase(Locale.ROOT));
    put(json, "best", result.winner());
    put(json, "runner_up", result.runnerUp());
    json.put("calls", result.calls()).put("full_grid_calls", result.fullGrid());
    SearchResult.Confirmation seen = result.confirmation();
    ObjectNode confirmed = json.putObject("confirmed");
    confirmed.set("best", ScoreJson.of(seen.winner()));
    confirmed.set("alpha_1", ScoreJson.of(seen.usual()));
    confirmed.set("alpha_0", ScoreJson.of(seen.none()));
    confirmed.set("best_minus_0", ScoreJson.of(seen.overNone()));
    confirmed.set("best_minus_1", ScoreJson.of(seen.overUsual()));
    confirmed.set("best_minus_runner_up", ScoreJson.of(seen.overRunnerUp()));
    confirmed.set("1_minus_0", ScoreJson.of(seen.usualOverNone()));
    ArrayNode tried = json.putArray("search");
    for (SearchResult.Tried each : result.tried()) {
      ObjectNode one = ScoreJson.of(each.mean());
      put(one, "alphas", each.strengths());
      tried.add(one);
    }
    return json;
  }

  private static void put(ObjectNode json, String name, Strengths strengths) {
    strengths.alphas().forEach(json.putArray(name)::add);
  }
}
