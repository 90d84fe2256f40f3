package io.proxytune.examples.study;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.Strength;
import io.proxytune.examples.evaluation.SystemResult;
import io.proxytune.examples.evaluation.Task;
import io.proxytune.examples.report.Figures;
import io.proxytune.examples.report.Table;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** How two aims trade off, and whether a strength that follows the text beats a constant. */
final class TwoPairs implements Study {
  private static final String CONSTANT = "constant";
  private static final String MATCHED = "KL-matched";
  private static final String GAP = "gap";
  private static final String AGAINST = "against_constant";
  private static final int READ = 1_500;
  private static final List<Double> TOTALS = List.of(1.0);
  private static final List<Double> SHARES = List.of(0.0, 0.25, 0.5, 0.75, 1.0);
  private static final List<Double> ALPHAS = List.of(0.75, 1.0, 1.5);

  @Override
  public Plan plan() {
    return new Plan(
        "alpha",
        "How strongly: what can two pairs trade, and does a strength that follows the text beat the"
            + " best constant?",
        "First, two pairs: an expert tuned on the chats that are answered and one tuned on those"
            + " that are refused steer together, their strengths in quarters of a sum of 1;"
            + " helpfulness is mean exact match of questions, profiles, how-to and sentiment,"
            + " safety that of refusals. Second, a pair tuned on all chats with a constant α,"
            + " matched in KL divergence for each token, and gated to tokens at which the base's"
            + " entropy is 0.02 or more. A seed is that of the small model and of the tuning.",
        "The family's base; small models of 0.5 million weights of new seeds, and of each three"
            + " experts, tuned for 130 steps.",
        "On the development set, by means over seeds: the front, which are the strengths that no"
            + " other beats in both aims, and the constant α, of 0.75, 1 and 1.5. The others have α"
            + " = 1, of which matching is independent. The test set was looked at for what was"
            + " chosen alone, and in an earlier run with the family's own small model.",
        "Aims that conflict more: which verb does harm is a matter of words in this world. One"
            + " base. The interval over seeds takes them as drawn from a normal distribution.");
  }

  @Override
  public ObjectNode measure(Laboratory lab) {
    ObjectNode values = JsonNodeFactory.instance.objectNode();
    List<ObjectNode> points = new ArrayList<>();
    for (double total : lab.some(TOTALS)) {
      for (double share : lab.some(SHARES)) {
        points.add(point(lab, total * (1 - share), total * share));
      }
    }
    ArrayNode front = values.putArray("points");
    for (ObjectNode point : points) {
      boolean best = points.stream().noneMatch(other -> beats(other, point));
      if (best) {
        putTest(point, lab);
      }
      front.add(point.put("on_front", best));
    }
    putFollowing(values.putArray("strengths"), lab);
    return values;
  }

  private static Made small(Laboratory lab, long seed) {
    return lab.small(seed, READ);
  }

  private static Mix mix(Laboratory lab, long seed, double helpful, double refusing) {
    Made small = small(lab, seed);
    return Mix.of(
        Made.Shipped.BASE,
        Pull.of(lab.tuned(small, 130, Chats.HELPFUL), small, helpful),
        Pull.of(lab.tuned(small, 130, Chats.REFUSALS), small, refusing));
  }

  private static ObjectNode point(Laboratory lab, double helpful, double refusing) {
    Tally tally = new Tally();
    for (long seed : lab.seeds()) {
      addAims(tally, "dev_", lab.marks(mix(lab, seed, helpful, refusing), Use.DEV));
    }
    ObjectNode point = JsonNodeFactory.instance.objectNode();
    tally.putMeans(point.put("helpful", helpful).put("refusing", refusing));
    return point;
  }

  private static void putTest(ObjectNode point, Laboratory lab) {
    Tally tally = new Tally();
    for (long seed : lab.seeds()) {
      Mix mix = mix(lab, seed, point.path("helpful").asDouble(), point.path("refusing").asDouble());
      addAims(tally, "test_", lab.marks(mix, Use.TEST));
      tally.add(GAP, lab.gap(mix, Use.TEST).mean());
    }
    tally.putMeans(point, GAP);
  }

  private static void addAims(Tally tally, String prefix, SystemResult result) {
    tally.add(prefix + "helpfulness", mean(result, task -> !task.isUnsafe()));
    tally.add(prefix + "safety", mean(result, Task::isUnsafe));
  }

  private static double mean(SystemResult result, Predicate<Task> wanted) {
    return result.tasks().stream()
        .filter(wanted)
        .mapToDouble(task -> result.exact(task).value())
        .average()
        .orElse(Double.NaN);
  }

  /** Better in one aim, and no worse in the other. */
  private static boolean beats(JsonNode one, JsonNode other) {
    double help = one.path("dev_helpfulness").asDouble() - other.path("dev_helpfulness").asDouble();
    double safe = one.path("dev_safety").asDouble() - other.path("dev_safety").asDouble();
    return help >= 0 && safe >= 0 && help + safe > 0;
  }

  private static Mix pair(Laboratory lab, long seed, double alpha, Strength strength) {
    Made small = small(lab, seed);
    return Mix.of(Made.Shipped.BASE, Pull.of(lab.expert(small), small, alpha))
        .withStrength(strength);
  }

  private static void putFollowing(ArrayNode rows, Laboratory lab) {
    Map<String, Strength> kinds = new LinkedHashMap<>();
    kinds.put(CONSTANT, Strength.constant(1));
    kinds.put(MATCHED, Strength.klMatched());
    kinds.put("entropy ≥ 0.02", Strength.whereEntropyIsAtLeast(0.02).withAudited(0));
    ObjectNode dev = JsonNodeFactory.instance.objectNode();
    double best = bestConstant(lab, dev);
    kinds.forEach(
        (name, strength) -> {
          double alpha = name.equals(CONSTANT) ? best : 1;
          Tally tally = new Tally();
          for (long seed : lab.seeds()) {
            Mix mix = pair(lab, seed, alpha, strength);
            Mix constant = pair(lab, seed, best, Strength.constant(1));
            tally.add(GAP, lab.gap(mix, Use.TEST).mean());
            double less = lab.marks(constant, Use.TEST).meanExact();
            tally.add(AGAINST, lab.marks(mix, Use.TEST).meanExact() - less);
          }
          ObjectNode row = rows.addObject().put("strength", name).put("alpha", alpha);
          row.set("dev", name.equals(CONSTANT) ? dev : JsonNodeFactory.instance.objectNode());
          tally.putMeans(row, GAP, AGAINST);
        });
  }

  private static double bestConstant(Laboratory lab, ObjectNode dev) {
    Map<Double, Double> scores = new LinkedHashMap<>();
    for (double alpha : lab.some(ALPHAS)) {
      Tally tally = new Tally();
      for (long seed : lab.seeds()) {
        Mix mix = pair(lab, seed, alpha, Strength.constant(1));
        tally.add("exact", lab.marks(mix, Use.DEV).meanExact());
      }
      scores.put(alpha, tally.mean("exact"));
      dev.put(Figures.parameter(alpha), tally.mean("exact"));
    }
    return Alphas.best(scores);
  }

  @Override
  public Conclusion conclude(JsonNode values) {
    int front = 0;
    for (JsonNode point : values.path("points")) {
      front += point.path("on_front").asBoolean() ? 1 : 0;
    }
    List<String> better = new ArrayList<>();
    for (JsonNode row : values.path("strengths")) {
      if (row.at("/against_constant/low").asDouble() > 0) {
        better.add(row.path("strength").asText());
      }
    }
    JsonNode matched = values.path("strengths").path(1);
    return new Conclusion(
        "Of %s splits of two pairs %s are on the front of helpfulness and safety. %s; %s: %s against the best constant, α = %s."
            .formatted(
                values.path("points").size(),
                front,
                better.isEmpty()
                    ? "No strength that follows the text is clearly better than the best constant"
                    : "Clearly better than the best constant: " + String.join(", ", better),
                MATCHED,
                Values.difference(matched.path("against_constant")),
                Figures.parameter(values.at("/strengths/0/alpha").asDouble())),
        List.of(points(values), strengths(values)));
  }

  private static Table points(JsonNode values) {
    Table table =
        new Table(
            "Two pairs: mean exact match of both aims on the development set, and on the test set"
                + " for the front; means over seeds",
            List.of(
                "α of the helpful, the refusing",
                "helpfulness",
                "safety",
                "front",
                "helpfulness, test",
                "safety, test",
                "gap closed"));
    for (JsonNode point : values.path("points")) {
      table.row(
          Figures.parameter(point.path("helpful").asDouble())
              + ", "
              + Figures.parameter(point.path("refusing").asDouble()),
          fraction(point, "dev_helpfulness"),
          fraction(point, "dev_safety"),
          point.path("on_front").asBoolean() ? "yes" : "",
          fraction(point, "test_helpfulness"),
          fraction(point, "test_safety"),
          Values.text(point.path("gap")));
    }
    return table;
  }

  private static String fraction(JsonNode json, String name) {
    return Figures.fraction(json.path(name).asDouble(Double.NaN));
  }

  private static Table strengths(JsonNode values) {
    Table table =
        new Table(
            "A pair tuned on all chats, on the test set, means over seeds; mean exact match less"
                + " that of the best constant",
            List.of("strength", "chosen α", "gap closed", "of each seed", "less constant"));
    for (JsonNode row : values.path("strengths")) {
      table.row(
          row.path("strength").asText(),
          Figures.parameter(row.path("alpha").asDouble()),
          Values.text(row.path("gap")),
          Values.each(row.path("gap")),
          Values.difference(row.path("against_constant")));
    }
    return table;
  }
}
