package io.proxytune.examples.study;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.examples.evaluation.Mark;
import io.proxytune.examples.evaluation.SystemResult;
import io.proxytune.examples.evaluation.Task;
import io.proxytune.examples.report.Figures;
import io.proxytune.examples.report.Table;
import io.proxytune.examples.statistics.Proportion;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** Which kinds of ability come through, and which stay the base's. */
final class Granularity implements Study {
  private static final String FIVE = "recall of five facts";
  private static final double TELLING = 0.2;
  private static final double TOLERANCE = 0.05;

  @Override
  public Plan plan() {
    return new Plan(
        "granularity",
        "What does steering carry over: form, refusals, choices, recall?",
        "Marks of base, experts, steered base and directly tuned base, by kind of ability. Form: a"
            + " question, profile or how-to ends with the end token. Recall: the facts occur,"
            + " whatever the form. The rest is exact match. A pair tells of a kind where expert and"
            + " base differ by more than .2: what the better of the two can comes through where the"
            + " steered base comes within .05 of it.",
        "The family, and small models of their own seeds that read a quarter of its small model's"
            + " text, with their experts; α = 1.",
        "Nothing.",
        "Two hops and arithmetic, which the paper's tasks need: the world has no relations between"
            + " people and no numbers. Where base and expert are equally good, nothing is told.");
  }

  private record Kind(Predicate<Task> tasks, Predicate<Mark> wanted) {
    Proportion of(SystemResult result) {
      List<Mark> marks =
          result.marks().entrySet().stream()
              .filter(task -> tasks.test(task.getKey()))
              .flatMap(task -> task.getValue().stream())
              .toList();
      return new Proportion((int) marks.stream().filter(wanted).count(), marks.size());
    }
  }

  private static Map<String, Kind> kinds(boolean quick) {
    Map<String, Kind> kinds = new LinkedHashMap<>();
    kinds.put("form", new Kind(Task::isSafe, Mark::ended));
    kinds.put("refusal, tuned verbs", new Kind(task -> task == Task.REFUSAL, Mark::exact));
    kinds.put("refusal, other verbs", new Kind(task -> task == Task.REFUSAL_UNSEEN, Mark::exact));
    kinds.put("choice", new Kind(task -> task == Task.SENTIMENT, Mark::exact));
    kinds.put("recall of how-to", new Kind(task -> task == Task.HOWTO, Mark::knows));
    kinds.put("recall of one fact", new Kind(task -> task == Task.QUESTION, Mark::knows));
    if (!quick) {
      kinds.put(FIVE, new Kind(task -> task == Task.PROFILE, Mark::knows));
    }
    return kinds;
  }

  private static Map<String, Kind> kinds(JsonNode values) {
    return kinds(!values.path("base").has(FIVE));
  }

  @Override
  public ObjectNode measure(Laboratory lab) {
    ObjectNode values = JsonNodeFactory.instance.objectNode();
    put(values, "base", lab, Mix.alone(Made.Shipped.BASE));
    put(values, "directly tuned", lab, Mix.alone(Made.Shipped.DIRECT));
    putPair(values, "family", lab, Made.Shipped.EXPERT, Made.Shipped.SMALL);
    for (long seed : lab.seeds()) {
      putPair(values, "seed " + seed, lab, lab.expert(lab.small(seed)), lab.small(seed));
    }
    return values;
  }

  private static void putPair(
      ObjectNode values, String name, Laboratory lab, Made expert, Made small) {
    put(values, "expert, " + name, lab, Mix.alone(expert));
    put(values, "steered, " + name, lab, Mix.of(Made.Shipped.BASE, Pull.of(expert, small, 1)));
  }

  private static void put(ObjectNode values, String name, Laboratory lab, Mix mix) {
    SystemResult result = lab.marks(mix, Use.TEST);
    ObjectNode system = values.putObject(name);
    kinds(lab.isQuick())
        .forEach(
            (kind, of) -> {
              Proportion value = of.of(result);
              ObjectNode one = system.putObject(kind).put("value", value.value());
              one.put("low", value.wilson().low()).put("high", value.wilson().high());
            });
  }

  @Override
  public Conclusion conclude(JsonNode values) {
    List<String> carried = new ArrayList<>();
    List<String> kept = new ArrayList<>();
    List<String> either = new ArrayList<>();
    List<String> lost = new ArrayList<>();
    for (String kind : kinds(values).keySet()) {
      List<Double> leads = new ArrayList<>();
      boolean whole = true;
      for (String system : pairs(values)) {
        double base = number(values, "base", kind);
        double expert = number(values, "expert, " + system, kind);
        if (Math.abs(expert - base) > TELLING) {
          leads.add(expert - base);
          whole &= number(values, "steered, " + system, kind) >= Math.max(base, expert) - TOLERANCE;
        }
      }
      if (!leads.isEmpty()) {
        List<String> through =
            leads.stream().allMatch(lead -> lead > 0)
                ? carried
                : leads.stream().allMatch(lead -> lead < 0) ? kept : either;
        (whole ? through : lost).add(kind);
      }
    }
    return new Conclusion(
        "With every pair that tells, carried over from the expert: %s. Kept of the base: %s. The better of the two, whichever: %s. Partly lost with some pair: %s."
            .formatted(words(carried), words(kept), words(either), words(lost)),
        List.of(table(values)));
  }

  private static String words(List<String> kinds) {
    return kinds.isEmpty() ? "nothing" : String.join("; ", kinds);
  }

  private static List<String> pairs(JsonNode values) {
    List<String> pairs = new ArrayList<>();
    values
        .fieldNames()
        .forEachRemaining(
            name -> {
              if (name.startsWith("steered, ")) {
                pairs.add(name.substring("steered, ".length()));
              }
            });
    return pairs;
  }

  private static double number(JsonNode values, String system, String kind) {
    return Values.number(values.path(system).path(kind));
  }

  private static Table table(JsonNode values) {
    List<String> systems = new ArrayList<>();
    values.fieldNames().forEachRemaining(systems::add);
    List<String> header = new ArrayList<>(List.of("system"));
    List<String> kinds =
        List.copyOf(kinds(!values.path("base").has("recall of five facts")).keySet());
    header.addAll(kinds);
    Table table = new Table("By kind of ability, on the test set", header);
    for (String system : systems) {
      List<String> row = new ArrayList<>(List.of(system));
      kinds.forEach(kind -> row.add(Figures.fraction(number(values, system, kind))));
      table.row(row);
    }
    return table;
  }
}
