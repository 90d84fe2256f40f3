package io.proxytune.examples.demo;

import io.proxytune.examples.evaluation.EvaluationResult;
import io.proxytune.examples.evaluation.GapClosed;
import io.proxytune.examples.evaluation.SystemId;
import io.proxytune.examples.evaluation.SystemResult;
import io.proxytune.examples.evaluation.Task;
import io.proxytune.examples.report.Figures;
import io.proxytune.examples.report.Report;
import io.proxytune.examples.report.Table;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Collects and lays out what the demonstration measured. For one thread. */
final class DemoTable {
  private final Map<SystemId, Double> speeds = new EnumMap<>(SystemId.class);
  private final Map<String, Double> steps = new LinkedHashMap<>();

  void speed(SystemId id, double tokensPerSecond) {
    speeds.put(id, tokensPerSecond);
  }

  void step(String role, double milliseconds) {
    steps.put(role, milliseconds);
  }

  Report report(EvaluationResult result, int items) {
    GapClosed gap = result.gapClosed(SystemId.PROXY);
    return new Report(items + " held-out questions")
        .table(exact(result))
        .paragraph(
            "Gap closed, (proxy - base) / (direct - base), on average: "
                + gap.interval()
                    .map(interval -> Figures.fraction(gap.mean(), interval))
                    .orElseGet(() -> "not defined, tuning the base directly gains nothing here")
                + ". The base was never tuned and seldom ends an answer, so that hardly any of its own is"
                + " exactly right.")
        .table(cost());
  }

  private Table exact(EvaluationResult result) {
    List<String> header = new ArrayList<>(List.of("exactly right"));
    result.systems().forEach(system -> header.add(system.id().abbreviation()));
    Table table = new Table("How many answers are exactly right and end, and how fast", header);
    for (Task task : result.tasks()) {
      List<String> row = new ArrayList<>(List.of(task.id()));
      for (SystemResult system : result.systems()) {
        row.add(Figures.fraction(system.exact(task).value()));
      }
      table.row(row);
    }
    List<String> row = new ArrayList<>(List.of("tokens/s"));
    result.systems().forEach(it -> row.add(Figures.number(speeds.getOrDefault(it.id(), 0.0), 0)));
    return table.row(row);
  }

  private Table cost() {
    double total = steps.values().stream().mapToDouble(Double::doubleValue).sum();
    Table table =
        new Table("What a proxy-tuned step costs, by role", List.of("role", "ms", "share"));
    steps.forEach(
        (role, milliseconds) ->
            table.row(
                role,
                Figures.number(milliseconds, 2),
                Figures.number(100 * milliseconds / total, 0) + " %"));
    return table;
  }
}
