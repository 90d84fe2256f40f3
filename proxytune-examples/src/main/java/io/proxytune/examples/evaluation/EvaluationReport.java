package io.proxytune.examples.evaluation;

import io.proxytune.examples.report.Axis;
import io.proxytune.examples.report.Chart;
import io.proxytune.examples.report.Figures;
import io.proxytune.examples.report.Report;
import io.proxytune.examples.report.Series;
import io.proxytune.examples.report.Table;
import io.proxytune.examples.statistics.Interval;
import io.proxytune.examples.statistics.Proportion;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** An evaluation for people. */
final class EvaluationReport {
  private final EvaluationResult result;

  private EvaluationReport(EvaluationResult result) {
    this.result = result;
  }

  static Report of(EvaluationResult result) {
    return new EvaluationReport(result).report();
  }

  private Report report() {
    return new Report("Proxy-tuning in miniature: " + result.set() + " set")
        .paragraph(about())
        .table(exact())
        .table(intervals())
        .table(facts())
        .chart(chart())
        .heading("Gap closed")
        .table(gaps())
        .paragraph(excluded())
        .heading("What proxy-tuning adds to the expert")
        .table(gains())
        .heading("False refusals")
        .table(falseRefusals());
  }

  private String about() {
    return """
    Exact match: the greedy answer is the expected text and ends with the end token; for sentiment,
    the likelier of the options. Ranges are 95 %% Wilson intervals. α = %s; greedy decoding takes no
    seed. The base and the anti-expert read the plain message, the expert and the directly tuned
    base read it in the chat template. An untuned base hardly ever ends an answer, so that its
    strict score says little: the third table counts answers in which the facts of the expected one
    occur (its words, where no facts are marked), however they go on.
    """
        .formatted(Figures.parameter(result.alpha()));
  }

  private List<String> header(String first, List<SystemResult> systems) {
    List<String> header = new ArrayList<>(List.of(first));
    systems.forEach(system -> header.add(system.id().abbreviation()));
    return header;
  }

  private Table exact() {
    List<String> header = header("task", result.systems());
    header.add(1, "n");
    Table table = new Table("Exact match by task and system", header);
    for (Task task : result.tasks()) {
      List<String> row = new ArrayList<>(List.of(task.id()));
      row.add(Integer.toString(result.systems().get(0).of(task).size()));
      result.systems().forEach(system -> row.add(Figures.fraction(system.exact(task).value())));
      table.row(row);
    }
    List<String> mean = new ArrayList<>(List.of("mean", ""));
    result.systems().forEach(system -> mean.add(Figures.fraction(system.meanExact())));
    return table.row(mean);
  }

  private Table intervals() {
    Table table = new Table("Its 95 % interval", header("task", result.systems()));
    for (Task task : result.tasks()) {
      List<String> row = new ArrayList<>(List.of(task.id()));
      result.systems().forEach(it -> row.add(Figures.range(it.exact(task).wilson())));
      table.row(row);
    }
    return table;
  }

  private Table facts() {
    Table table = new Table("The facts occur in the answer", header("task", result.systems()));
    for (Task task : result.tasks()) {
      List<String> row = new ArrayList<>(List.of(task.id()));
      result.systems().forEach(system -> row.add(Figures.fraction(system.knows(task).value())));
      table.row(row);
    }
    return table;
  }

  private Chart chart() {
    return new Chart(
        Chart.Kind.BARS,
        "Exact match by task and system",
        "Groups of bars, one group a task and one bar a system, with 95 % intervals; the table"
            + " above holds the figures.",
        Axis.ofNames("task", result.tasks().stream().map(Task::id).toList()),
        "exact match",
        result.systems().stream().map(this::series).toList(),
        Chart.Range.UNIT);
  }

  private Series series(SystemResult system) {
    List<Proportion> exact = result.tasks().stream().map(system::exact).toList();
    List<Interval> intervals = exact.stream().map(Proportion::wilson).toList();
    return new Series(
        system.id().title(),
        exact.stream().map(Proportion::value).toList(),
        intervals.stream().map(Interval::low).toList(),
        intervals.stream().map(Interval::high).toList());
  }

  private List<SystemId> proxies() {
    return result.systems().stream()
        .map(SystemResult::id)
        .filter(id -> id == SystemId.PROXY || id == SystemId.PROXY_LORA)
        .toList();
  }

  private Table gaps() {
    List<SystemId> proxies = proxies();
    List<String> header = new ArrayList<>(List.of("task"));
    proxies.forEach(id -> header.add(id.abbreviation()));
    Table table = new Table("(proxy - base) / (direct - base), of exact match", header);
    List<GapClosed> gaps = proxies.stream().map(result::gapClosed).toList();
    for (int i = 0; i < result.tasks().size(); i++) {
      List<String> row = new ArrayList<>(List.of(gaps.get(0).tasks().get(i).task().id()));
      for (GapClosed gap : gaps) {
        row.add(Figures.fraction(gap.tasks().get(i).value()));
      }
      table.row(row);
    }
    List<String> mean = new ArrayList<>(List.of("mean"));
    gaps.forEach(gap -> mean.add(mean(gap)));
    return table.row(mean);
  }

  /** The mean gap closed with its interval. */
  static String mean(GapClosed gap) {
    return gap.interval()
        .map(interval -> Figures.fraction(gap.mean(), interval))
        .orElseGet(() -> Figures.fraction(gap.mean()));
  }

  private String excluded() {
    List<Task> excluded = result.gapClosed(SystemId.PROXY).tasks(task -> !task.counts());
    String rule =
        "The mean's interval comes from resampling each task's items 2,000 times (seed 1).";
    return excluded.isEmpty()
        ? rule + " Every task counts."
        : rule
            + " Not counted, since tuning the base directly does not clearly gain there (the 95 %"
            + " interval of direct - base reaches zero): "
            + excluded.stream().map(Task::id).collect(Collectors.joining(", "))
            + ".";
  }

  private Table gains() {
    Table table =
        new Table(
            "Proxy-tuned minus expert, exact match, with Newcombe's 95 % interval",
            List.of("task", "difference"));
    result
        .gainsOverExpert()
        .forEach(
            gain ->
                table.row(gain.task().id(), Figures.fraction(gain.difference(), gain.interval())));
    return table;
  }

  private Table falseRefusals() {
    Table table =
        new Table(
            "Safe requests (question, profile, howto) that were refused",
            List.of("system", "refused", "of", "fraction"));
    for (SystemResult system : result.systems()) {
      system
          .falseRefusals()
          .ifPresent(
              refused ->
                  table.row(
                      system.id().title(),
                      Integer.toString(refused.successes()),
                      Integer.toString(refused.total()),
                      Figures.fraction(refused)));
    }
    return table;
  }
}
