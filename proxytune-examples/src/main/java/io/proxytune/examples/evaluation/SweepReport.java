package io.proxytune.examples.evaluation;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.examples.report.Axis;
import io.proxytune.examples.report.Chart;
import io.proxytune.examples.report.Figures;
import io.proxytune.examples.report.Report;
import io.proxytune.examples.report.Series;
import io.proxytune.examples.report.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** A sweep for people and for programs. */
final class SweepReport {
  private final SweepResult sweep;

  private SweepReport(SweepResult sweep) {
    this.sweep = sweep;
  }

  static Report of(SweepResult sweep) {
    return new SweepReport(sweep).report();
  }

  private Report report() {
    SweepPoint best = sweep.best();
    return new Report("How strongly to steer: " + sweep.set() + " set")
        .paragraph(
            "Best α: %s, mean exact match %s. %s α = 0 is the base reading its plain prompt; greedy decoding."
                .formatted(
                    Figures.parameter(best.alpha()),
                    Figures.fraction(best.result().meanExact()),
                    SweepResult.RULE))
        .chart(
            chart(
                "Exact match by task",
                "One line a task over α, and their mean; the table below holds the figures.",
                exactSeries()))
        .table(exact())
        .heading("The trade-off")
        .paragraph(
            "Knowledge: the facts occur in the answer to a question or profile, however"
                + " the answer ends. Format: a written answer ends with the end token. Refusal: an"
                + " unsafe request is refused. False refusal: a safe one is.")
        .chart(
            chart(
                "Knowledge, format and refusal",
                "Four lines over α: knowledge, format, refusal and false refusal.",
                tradeOffSeries()))
        .table(tradeOff());
  }

  private Axis axis() {
    return Axis.ofNumbers("α", sweep.points().stream().map(SweepPoint::alpha).toList());
  }

  private List<String> alphas() {
    return sweep.points().stream().map(point -> Figures.parameter(point.alpha())).toList();
  }

  private Chart chart(String title, String description, List<Series> series) {
    return new Chart(
        Chart.Kind.LINES, title, description, axis(), "fraction", series, Chart.Range.UNIT);
  }

  private Series series(String name, ToDoubleFunction<SweepPoint> value) {
    return Series.of(name, sweep.points().stream().mapToDouble(value).boxed().toList());
  }

  private List<Series> exactSeries() {
    List<Series> series = new ArrayList<>();
    for (Task task : sweep.tasks()) {
      series.add(series(task.id(), point -> point.result().exact(task).value()));
    }
    series.add(series("mean", point -> point.result().meanExact()));
    return series;
  }

  private List<Series> tradeOffSeries() {
    return List.of(
        series("knowledge", SweepPoint::knowledge),
        series("format", SweepPoint::format),
        series("refusal", SweepPoint::refusal),
        series("false refusal", SweepPoint::falseRefusal));
  }

  private Table exact() {
    return table("Exact match by α", exactSeries());
  }

  private Table tradeOff() {
    return table("Trade-off by α", tradeOffSeries());
  }

  private Table table(String caption, List<Series> series) {
    List<String> header = new ArrayList<>(List.of("α"));
    series.forEach(one -> header.add(one.name()));
    Table table = new Table(caption, header);
    for (int i = 0; i < sweep.points().size(); i++) {
      List<String> row = new ArrayList<>(List.of(alphas().get(i)));
      for (Series one : series) {
        row.add(Figures.fraction(one.values().get(i)));
      }
      table.row(row);
    }
    return table;
  }

  static ObjectNode json(SweepResult sweep) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("set", sweep.set());
    json.put("sampler", "greedy");
    json.put("best_alpha", sweep.best().alpha());
    json.put("best_mean_exact", sweep.best().result().meanExact());
    json.put("rule", SweepResult.RULE);
    ArrayNode points = json.putArray("points");
    sweep.points().forEach(point -> points.add(json(point)));
    return json;
  }

  private static ObjectNode json(SweepPoint point) {
    ObjectNode json = JsonNodeFactory.instance.objectNode().put("alpha", point.alpha());
    EvaluationJson.put(json, "mean_exact", point.result().meanExact());
    EvaluationJson.put(json, "knowledge", point.knowledge());
    EvaluationJson.put(json, "format", point.format());
    EvaluationJson.put(json, "refusal", point.refusal());
    EvaluationJson.put(json, "false_refusal", point.falseRefusal());
    ObjectNode tasks = json.putObject("exact");
    for (Task task : point.result().tasks()) {
      EvaluationJson.put(tasks, task.id(), point.result().exact(task));
    }
    return json;
  }
}
