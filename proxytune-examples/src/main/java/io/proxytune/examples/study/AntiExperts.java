package io.proxytune.examples.study;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.examples.evaluation.SystemResult;
import io.proxytune.examples.evaluation.Task;
import io.proxytune.examples.report.Figures;
import io.proxytune.examples.report.Table;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Against which model an expert is best set. */
final class AntiExperts implements Study {
  private static final String OWN = "its own origin";
  private static final int READ = 1_500;

  @Override
  public Plan plan() {
    return new Plan(
        "anti-experts",
        "Which anti-expert does an expert need: the model that it was tuned from, or will another"
            + " do?",
        "An expert steers the base at α = 1 against the model that it was tuned from; two of the"
            + " same seed and size, trained for 400 and 100 steps in place of 1,500; one of the"
            + " next seed, for 100 steps too; one of a quarter of the weights, for 1,500 steps; the"
            + " base itself; and none. The difference to the own origin is of mean exact match on"
            + " the same questions. A seed is that of the small models and of the expert's tuning.",
        "The family's base of 5.2 million weights, and the directly tuned base as the yardstick;"
            + " small models of 0.5 million of new seeds, and their experts.",
        "Nothing. Up to 20 questions of each task of the test set.",
        "Whether another strength suits another anti-expert better. One base of one world, models"
            + " that a person would call tiny. A model trained for fewer steps has a learning rate"
            + " that falls sooner, and is no checkpoint of the longer training. The interval over"
            + " seeds takes them as drawn from a normal distribution.");
  }

  private static Made origin(Laboratory lab, long seed) {
    return lab.small(seed, READ);
  }

  private static Map<String, Optional<Made>> antiExperts(Laboratory lab, long seed) {
    Map<String, Optional<Made>> all = new LinkedHashMap<>();
    all.put(OWN, Optional.of(origin(lab, seed)));
    all.put("earlier, 400 steps", Optional.of(lab.small(seed, 400)));
    all.put("earlier, 100 steps", Optional.of(lab.small(seed, 100)));
    all.put("smaller", Optional.of(lab.pretrained(Made.Size.TINY, seed, READ)));
    all.put("the base itself", Optional.of(Made.Shipped.BASE));
    all.put("none", Optional.empty());
    all.put("another seed, 100 steps", Optional.of(lab.small(seed + 1, 100)));
    return all;
  }

  @Override
  public ObjectNode measure(Laboratory lab) {
    ObjectNode values = JsonNodeFactory.instance.objectNode();
    ArrayNode rows = values.putArray("rows");
    antiExperts(lab, 1).keySet().forEach(name -> rows.add(row(lab, name)));
    return values;
  }

  private static Mix mix(Laboratory lab, String name, long seed) {
    Optional<Made> anti = antiExperts(lab, seed).getOrDefault(name, Optional.empty());
    return Mix.of(Made.Shipped.BASE, new Pull(lab.expert(origin(lab, seed)), anti, 1));
  }

  private static ObjectNode row(Laboratory lab, String name) {
    List<Double> gaps = new ArrayList<>();
    List<Double> lessOwn = new ArrayList<>();
    List<SystemResult> results = new ArrayList<>();
    for (long seed : lab.seeds()) {
      SystemResult test = lab.marks(mix(lab, name, seed), Use.TEST);
      SystemResult own = lab.marks(mix(lab, OWN, seed), Use.TEST);
      gaps.add(lab.gap(mix(lab, name, seed), Use.TEST).mean());
      lessOwn.add(test.meanExact() - own.meanExact());
      results.add(test);
    }
    ObjectNode row = JsonNodeFactory.instance.objectNode().put("anti_expert", name);
    row.set("gap", new SeedMean(gaps).json());
    row.set("less_own", new SeedMean(lessOwn).json());
    row.set("exact", exact(results));
    return row;
  }

  /** Exact match by task, the mean over seeds. */
  private static ObjectNode exact(List<SystemResult> results) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    for (Task task : results.get(0).tasks()) {
      json.put(
          task.id(),
          results.stream().mapToDouble(it -> it.exact(task).value()).average().orElseThrow());
    }
    return json;
  }

  @Override
  public Conclusion conclude(JsonNode values) {
    List<String> gaps = new ArrayList<>();
    List<String> worse = new ArrayList<>();
    for (JsonNode row : values.path("rows")) {
      String anti = row.path("anti_expert").asText();
      gaps.add(anti + " " + Values.text(row.path("gap")));
      if (row.at("/less_own/high").asDouble() < 0) {
        worse.add(anti);
      }
    }
    String verdict =
        worse.isEmpty()
            ? "None is clearly worse than the own origin."
            : "Clearly worse than the own origin: " + String.join("; ", worse) + ".";
    return new Conclusion(
        "Gap closed, mean over seeds: %s. %s".formatted(String.join("; ", gaps), verdict),
        List.of(table(values)));
  }

  private static Table table(JsonNode values) {
    Table table =
        new Table(
            "Gap closed on the test set, and mean exact match less that with the own origin, means"
                + " over seeds",
            List.of(
                "anti-expert", "gap closed", "of each seed", "less own", "questions", "refusals"));
    for (JsonNode row : values.path("rows")) {
      table.row(
          row.path("anti_expert").asText(),
          Values.text(row.path("gap")),
          Values.each(row.path("gap")),
          row.path("anti_expert").asText().equals(OWN)
              ? "-"
              : Values.difference(row.path("less_own")),
          Figures.fraction(row.path("exact").path("question").asDouble()),
          Figures.fraction(row.path("exact").path("refusal").asDouble()));
    }
    return table;
  }
}
