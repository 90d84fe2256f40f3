package io.proxytune.examples.study;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.examples.report.Figures;
import io.proxytune.examples.report.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The rows of {@link Trial}s with several seeds, summed up and as tables. */
final class TrialTables {
  /** Systems by their name in JSON, with their title. */
  private static final Map<String, String> SYSTEMS =
      Map.of("base", "base", "expert", "expert alone", "steered", "steered", "direct", "direct");

  private static final List<String> ORDER = List.of("base", "expert", "steered", "direct");

  private TrialTables() {}

  /** Adds the means over seeds: of each system by metric and kind, and of the gaps. */
  static void sumUp(ObjectNode values, ArrayNode rows) {
    JsonNode first = rows.path(0);
    ObjectNode mean = values.putObject("mean");
    for (String system : ORDER) {
      ObjectNode systems = mean.putObject(system);
      for (Map.Entry<String, JsonNode> metric : first.path(system).properties()) {
        ObjectNode metrics = systems.putObject(metric.getKey());
        for (Map.Entry<String, JsonNode> kind : metric.getValue().properties()) {
          String at = "/%s/%s/%s".formatted(system, metric.getKey(), kind.getKey());
          metrics.set(kind.getKey(), mean(rows, at));
        }
      }
    }
    ObjectNode gap = mean.putObject("gap");
    for (Map.Entry<String, JsonNode> metric : first.path("gap").properties()) {
      gap.set(metric.getKey(), mean(rows, "/gap/%s/value".formatted(metric.getKey())));
    }
  }

  private static ObjectNode mean(ArrayNode rows, String at) {
    List<Double> each = new ArrayList<>();
    rows.forEach(row -> each.add(row.at(at).asDouble(Double.NaN)));
    return new SeedMean(each).json();
  }

  /** What each system scores: a row for each kind of items, by metric; means over seeds. */
  static Table systems(String title, JsonNode mean, Map<String, String> metrics) {
    List<String> head = new ArrayList<>(List.of("items", "score"));
    ORDER.forEach(system -> head.add(SYSTEMS.getOrDefault(system, system)));
    Table table = new Table(title, head);
    metrics.forEach(
        (metric, name) ->
            mean.path("base")
                .path(metric)
                .fieldNames()
                .forEachRemaining(
                    kind -> {
                      List<String> cells =
                          new ArrayList<>(List.of(kind.equals("mean") ? "all" : kind, name));
                      for (String system : ORDER) {
                        JsonNode value = mean.path(system).path(metric).path(kind);
                        cells.add(Figures.fraction(Values.number(value)));
                      }
                      table.row(cells);
                    }));
    return table;
  }

  /** Each seed's gaps. */
  static Table seeds(JsonNode rows, Map<String, String> metrics) {
    List<String> head = new ArrayList<>(List.of("seed"));
    metrics.values().forEach(name -> head.add("gap closed, " + name));
    Table table =
        new Table(
            "Each seed on its own test items, with the 95 % interval of resampling these", head);
    for (JsonNode row : rows) {
      List<String> cells = new ArrayList<>();
      cells.add(row.path("seed").asText());
      metrics.keySet().forEach(metric -> cells.add(Values.text(row.path("gap").path(metric))));
      table.row(cells);
    }
    return table;
  }

  /** The scores of a system over all items, such as {@code .85}. */
  static String score(JsonNode mean, String system, String metric, String kind) {
    return Figures.fraction(Values.number(mean.path(system).path(metric).path(kind)));
  }
}
