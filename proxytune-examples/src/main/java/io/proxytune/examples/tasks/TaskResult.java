package io.proxytune.examples.tasks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.examples.cli.CommandRecord;
import io.proxytune.examples.report.Figures;
import io.proxytune.examples.report.Report;
import io.proxytune.examples.report.Table;
import io.proxytune.examples.statistics.Interval;
import io.proxytune.examples.tasks.judge.Judge;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A benchmark's results, as a report and for programs. For one thread. */
public final class TaskResult {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final PaperTask task;
  private final CommandRecord record;
  private final String judge;
  private final Map<String, Scores> systems = new LinkedHashMap<>();
  private final Map<String, Integer> unanswered = new LinkedHashMap<>();
  private final ArrayNode models = JSON.arrayNode();
  private final ObjectNode options = JSON.objectNode();

  /**
   * Begins with what made it.
   *
   * @param judge who judged
   */
  public TaskResult(PaperTask task, CommandRecord record, String judge) {
    this.task = task;
    this.record = record;
    this.judge = judge;
  }

  /** The models, objects of role, name and files. */
  public ArrayNode models() {
    return models;
  }

  /** How texts were generated. */
  public ObjectNode options() {
    return options;
  }

  /**
   * Adds a system.
   *
   * @param without how many items it has no answer to
   */
  public void add(String system, Scores scores, int without) {
    systems.put(system, scores);
    unanswered.put(system, without);
  }

  /** For people. */
  public Report report() {
    Report report = new Report(task.title());
    boolean judged = !judge.equals(Judge.none().name());
    report.paragraph("Metric: " + task.metric() + "." + (judged ? " Judge: " + judge + "." : ""));
    report.table(table());
    systems.forEach(
        (name, scores) -> {
          if (!scores.gap().isEmpty()) {
            report.paragraph(name + ": " + scores.gap() + ".");
          }
          if (!scores.note().isEmpty()) {
            report.paragraph(name + ": " + scores.note() + ".");
          }
          if (scores.published() > 0) {
            report.paragraph(agreement(name, scores));
          }
          int without = unanswered.getOrDefault(name, 0);
          if (without > 0) {
            report.paragraph(name + ": " + without + " items have no answer and are left out.");
          }
        });
    return report.paragraph("Version " + record.version() + ", " + record.date() + ".");
  }

  private static String agreement(String name, Scores scores) {
    return "%s: of %d texts that came with what was read out of them, %d read the same here."
        .formatted(name, scores.published(), scores.agreeing());
  }

  private Table table() {
    List<String> header = new ArrayList<>(List.of("metric"));
    header.addAll(systems.keySet());
    Table table = new Table(task.title(), header);
    List<String> intervals = new ArrayList<>(List.of("95 % interval"));
    systems.values().forEach(it -> intervals.add(interval(it)));
    List<String> metrics = metrics();
    for (String metric : metrics) {
      List<String> row = new ArrayList<>(List.of(metric));
      systems.values().forEach(it -> row.add(shown(it.metrics().path(metric))));
      table.row(row);
      if (metric.equals(metrics.get(0))) {
        table.row(intervals);
      }
    }
    List<String> counts = new ArrayList<>(List.of("answers"));
    systems.values().forEach(it -> counts.add(Integer.toString(it.marks().size())));
    return table.row(counts);
  }

  private List<String> metrics() {
    return systems.values().stream()
        .flatMap(it -> it.metrics().propertyStream().map(Map.Entry::getKey))
        .distinct()
        .toList();
  }

  private static String interval(Scores scores) {
    return scores
        .proportion()
        .map(it -> it.wilson())
        .map(it -> Figures.number(it.low(), 3) + " to " + Figures.number(it.high(), 3))
        .orElse("-");
  }

  private static String shown(JsonNode value) {
    return value.isIntegralNumber()
        ? value.asText()
        : Figures.number(value.asDouble(Double.NaN), 4);
  }

  /** For programs, with every item. */
  public ObjectNode json() {
    ObjectNode json = JSON.objectNode();
    json.put("version", record.version()).put("date", record.date());
    json.put("command", record.command()).put("task", task.name()).put("metric", task.metric());
    json.put("judge", judge);
    json.set("options", options);
    json.set("models", models);
    ObjectNode all = json.putObject("systems");
    systems.forEach((name, scores) -> all.set(name, json(name, scores)));
    return json;
  }

  private ObjectNode json(String name, Scores scores) {
    ObjectNode json = JSON.objectNode();
    json.set("metrics", scores.metrics());
    scores
        .proportion()
        .ifPresent(
            of -> {
              Interval interval = of.wilson();
              json.put("count", of.successes()).put("of", of.total());
              json.putArray("interval").add(interval.low()).add(interval.high());
            });
    if (!scores.gap().isEmpty()) {
      json.put("missing", scores.gap());
    }
    if (!scores.note().isEmpty()) {
      json.put("note", scores.note());
    }
    if (scores.published() > 0) {
      json.put("published_readings", scores.published()).put("same_here", scores.agreeing());
    }
    json.put("unanswered", unanswered.getOrDefault(name, 0));
    ArrayNode items = json.putArray("items");
    scores.marks().forEach(mark -> items.add(item(mark)));
    return json;
  }

  private static ObjectNode item(Mark mark) {
    TaskItem item = mark.answer().item();
    ObjectNode json = JSON.objectNode().put("id", item.id());
    if (!item.group().isEmpty()) {
      json.put("group", item.group());
    }
    json.put("prompt", item.ask().plain());
    item.expected().forEach(json.putArray("expected")::add);
    ArrayNode outputs = json.putArray("outputs");
    mark.answer().samples().forEach(sample -> outputs.add(sample.text()));
    mark.parsed().forEach(json.putArray("parsed")::add);
    mark.correct().ifPresent(correct -> json.put("correct", correct));
    return json.setAll(mark.details());
  }
}
