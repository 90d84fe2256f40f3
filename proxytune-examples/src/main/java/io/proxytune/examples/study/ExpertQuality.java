package io.proxytune.examples.study;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.examples.evaluation.SystemResult;
import io.proxytune.examples.evaluation.Task;
import io.proxytune.examples.report.Figures;
import io.proxytune.examples.report.Table;
import io.proxytune.examples.statistics.RankCorrelation;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** How good an expert must be by itself. */
final class ExpertQuality implements Study {
  private static final double TARGET = 0.9;

  @Override
  public Plan plan() {
    return new Plan(
        "expert-quality",
        "How good must an expert be by itself for its pair to close .9 of the gap?",
        "Experts from bad to good: of small models that read little or much text, tuned briefly or"
            + " long. Skill is the expert's own mean exact match on what needs no facts of people:"
            + " how-to, refusals and sentiment. Each steers the base against its own origin at α ="
            + " 1.",
        "The family's base; the experts in the table, of 0.5 million weights each:"
            + " of the family's small model, and of ones that read for fewer steps.",
        "The least skill on the development set from which on every expert's pair closes at least"
            + " .9 there. It is then tried on the test set.",
        "That skill is the cause: experts of little skill read and were tuned less, too. The"
            + " threshold is one of this world and of these sizes, found on the same pairs that it"
            + " is tried on, with other questions.");
  }

  private static List<Pull> pulls(Laboratory lab) {
    List<Pull> pulls = new ArrayList<>();
    for (int steps : List.of(10, 20, 40, 80)) {
      pulls.add(Pull.of(lab.tuned(Made.Shipped.SMALL, steps), Made.Shipped.SMALL, 1));
    }
    pulls.add(Pull.of(Made.Shipped.EXPERT, Made.Shipped.SMALL, 1));
    for (int steps : List.of(100, 200)) {
      pulls.add(Pull.of(lab.expert(lab.small(1, steps)), lab.small(1, steps), 1));
    }
    for (long seed : lab.seeds()) {
      Made small = lab.small(seed);
      pulls.add(Pull.of(lab.expert(small), small, 1));
    }
    return pulls;
  }

  @Override
  public ObjectNode measure(Laboratory lab) {
    ObjectNode values = JsonNodeFactory.instance.objectNode();
    ArrayNode rows = values.putArray("experts");
    for (Pull pull : lab.some(pulls(lab))) {
      ObjectNode row = rows.addObject().put("expert", pull.expert().name());
      Mix mix = Mix.of(Made.Shipped.BASE, pull);
      row.put("dev_skill", skill(lab.marks(Mix.alone(pull.expert()), Use.DEV)));
      row.set("dev_gap", Values.of(lab.gap(mix, Use.DEV)));
      row.put("skill", skill(lab.marks(Mix.alone(pull.expert()), Use.TEST)));
      row.set("gap", Values.of(lab.gap(mix, Use.TEST)));
    }
    threshold(rows).ifPresent(it -> values.put("threshold", it));
    correlation(rows).ifPresent(it -> values.set("correlation", Values.of(it)));
    return values;
  }

  private static double skill(SystemResult result) {
    return result.tasks().stream()
        .filter(task -> task == Task.HOWTO || task.isUnsafe() || task == Task.SENTIMENT)
        .mapToDouble(task -> result.exact(task).value())
        .average()
        .orElse(Double.NaN);
  }

  private static Optional<Double> threshold(JsonNode rows) {
    List<JsonNode> best = new ArrayList<>();
    rows.forEach(best::add);
    best.sort(Comparator.comparingDouble((JsonNode row) -> -row.path("dev_skill").asDouble()));
    Optional<Double> least = Optional.empty();
    for (JsonNode row : best) {
      if (!(Values.number(row.path("dev_gap")) >= TARGET)) {
        double failed = row.path("dev_skill").asDouble();
        return least.filter(it -> it > failed);
      }
      least = Optional.of(row.path("dev_skill").asDouble());
    }
    return least;
  }

  private static Optional<RankCorrelation> correlation(JsonNode rows) {
    List<Double> skills = new ArrayList<>();
    List<Double> gaps = new ArrayList<>();
    for (JsonNode row : rows) {
      if (Double.isFinite(Values.number(row.path("gap")))) {
        skills.add(row.path("skill").asDouble());
        gaps.add(Values.number(row.path("gap")));
      }
    }
    return skills.size() < 2 ? Optional.empty() : Optional.of(RankCorrelation.of(skills, gaps));
  }

  @Override
  public Conclusion conclude(JsonNode values) {
    String correlation =
        "The rank correlation of an expert's own skill with the gap closed is %s over %s experts."
            .formatted(
                Values.text(values.path("correlation")),
                values.path("correlation").path("pairs").asInt());
    return new Conclusion(rule(values) + correlation, List.of(table(values)));
  }

  private static String rule(JsonNode values) {
    if (!values.has("threshold")) {
      return "No skill is enough by itself: one of the greatest skill misses .9 on the development"
          + " set. ";
    }
    double threshold = values.path("threshold").asDouble();
    int above = 0;
    int good = 0;
    int below = 0;
    int goodBelow = 0;
    for (JsonNode row : values.path("experts")) {
      boolean closed = Values.number(row.path("gap")) >= TARGET;
      if (row.path("dev_skill").asDouble() >= threshold) {
        above++;
        good += closed ? 1 : 0;
      } else {
        below++;
        goodBelow += closed ? 1 : 0;
      }
    }
    return "A skill of %s: on the test set %s of %s pairs whose expert has it close .9, and %s of the %s others. "
        .formatted(Figures.fraction(threshold), good, above, goodBelow, below);
  }

  private static Table table(JsonNode values) {
    Table table =
        new Table(
            "Experts by their own skill, on both sets",
            List.of("expert", "skill, dev", "gap closed, dev", "skill, test", "gap closed, test"));
    List<JsonNode> rows = new ArrayList<>();
    values.path("experts").forEach(rows::add);
    rows.sort(Comparator.comparingDouble((JsonNode row) -> row.path("skill").asDouble()));
    for (JsonNode row : rows) {
      table.row(
          row.path("expert").asText(),
          Figures.fraction(row.path("dev_skill").asDouble()),
          Values.text(row.path("dev_gap")),
          Figures.fraction(row.path("skill").asDouble()),
          Values.text(row.path("gap")));
    }
    return table;
  }
}
