package io.proxytune.examples.study;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableMap;
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
  private static final String REASONED = "reasoning";
  private static final double TELLING = 0.2;
  private static final double TOLERANCE = 0.05;

  /** What takes more than one step of thought, with what each side learns of it. */
  private static final Map<String, Reasoning> REASONING =
      ImmutableMap.of(
          "arithmetic",
          new Reasoning(Subject.RECKONING, Subject.RECKONING_KNOWN, new Trial.Steps(400, 250)),
          "two hops",
          new Reasoning(Subject.TWO_HOPS, Subject.TWO_HOPS_KNOWN, new Trial.Steps(400, 250)));

  private static final Map<String, String> METRICS =
      ImmutableMap.of(Problems.RIGHT, "exact match", Problems.FACTS, "facts told");

  private record Reasoning(Subject expert, Subject direct, Trial.Steps steps) {
    ObjectNode row(Laboratory lab, long seed) {
      return trial(lab, seed).withDirectOf(trial(lab, lab.seeds().get(0))).row();
    }

    private Trial trial(Laboratory lab, long seed) {
      Problems problems = new Problems(lab.some(expert.lessons(seed).test()));
      return new Trial(lab, expert, direct, seed, steps, problems);
    }
  }

  @Override
  public Plan plan() {
    return new Plan(
        "granularity",
        "What does steering carry over: form, refusals, choices, recall, arithmetic, two hops?",
        "Marks of base, experts, steered base and directly tuned base, by kind of ability. Form: a"
            + " question, profile or how-to ends with the end token. Recall: the facts occur,"
            + " whatever the form. Refusals and choices are exact match. A pair tells of a kind"
            + " where expert and base differ by more than .2: what the better of the two can comes"
            + " through where the steered base comes within .05 of it. Arithmetic and two hops have"
            + " pairs of their own, tuned on strangers of whom no text tells, so that the expert"
            + " knows the way and only the base the facts. Arithmetic is the reckoning of the"
            + " study task, over years of birth. Two hops: \"A or B lives in Varn. What does he or"
            + " she play?\" is answered by \"A lives in Varn. B lives in Wick. A plays the harp.\""
            + " Right is an answer that ends with the result; facts told are all sentences before"
            + " it. Their yardstick is tuned on people of the world who are in no test.",
        "The family, and small models of their own seeds that read a quarter of its small model's"
            + " text, with their experts. For arithmetic and two hops the family's base and small"
            + " model, and these tuned on 250 and 400 steps of 1,024 positions; a seed of the"
            + " expert is another order of training and other problems, and the yardstick is of one"
            + " seed. α = 1.",
        "The steps of arithmetic are those of the study task, chosen on its development problems,"
            + " and those of two hops the same. The form of the answers of two hops: in a first one"
            + " that named the one who is meant at once, neither steered nor tuned base could tell"
            + " who that is (right were .26 and .28 of test problems of seed 1); answers to the"
            + " development problems showed why, and the form was changed. Nothing else.",
        "Arithmetic with numbers, of which the world has none. The yardstick of two hops is right"
            + " in a quarter of them itself, so that the gap closed there means little: it tells"
            + " the facts of both people more than twice as often as it is right. The two hops are"
            + " two facts of one person, of two who are named: no text of the world leads from one"
            + " person to another, and to find somebody by a fact alone was not asked. Where base"
            + " and expert are equally good, nothing is told. The interval over seeds takes them as"
            + " drawn from a normal distribution.");
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
    ObjectNode reasoning = values.putObject(REASONED);
    REASONING.forEach((name, kind) -> put(reasoning.putObject(name), lab, kind));
    return values;
  }

  private static void put(ObjectNode values, Laboratory lab, Reasoning kind) {
    ArrayNode rows = values.putArray("rows");
    lab.seeds().forEach(seed -> rows.add(kind.row(lab, seed)));
    TrialTables.sumUp(values, rows);
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
        "With every pair that tells, carried over from the expert: %s. Kept of the base: %s. The better of the two, whichever: %s. Partly lost with some pair: %s. Of what neither has alone, means over seeds: %s."
            .formatted(
                words(carried),
                words(kept),
                words(either),
                words(lost),
                String.join("; ", reasoned(values.path(REASONED)))),
        tables(values));
  }

  private static List<String> reasoned(JsonNode reasoning) {
    List<String> parts = new ArrayList<>();
    for (String name : REASONING.keySet()) {
      JsonNode mean = reasoning.path(name).path("mean");
      parts.add(
          "%s, gap closed %s (exact match of the base %s, expert %s, steered %s, tuned directly %s; facts told %s, %s, %s and %s)"
              .formatted(
                  name,
                  Values.text(mean.path("gap").path(Problems.RIGHT)),
                  TrialTables.score(mean, "base", Problems.RIGHT, "mean"),
                  TrialTables.score(mean, "expert", Problems.RIGHT, "mean"),
                  TrialTables.score(mean, "steered", Problems.RIGHT, "mean"),
                  TrialTables.score(mean, "direct", Problems.RIGHT, "mean"),
                  TrialTables.score(mean, "base", Problems.FACTS, "mean"),
                  TrialTables.score(mean, "expert", Problems.FACTS, "mean"),
                  TrialTables.score(mean, "steered", Problems.FACTS, "mean"),
                  TrialTables.score(mean, "direct", Problems.FACTS, "mean")));
    }
    return parts;
  }

  private static List<Table> tables(JsonNode values) {
    List<Table> tables = new ArrayList<>(List.of(table(values)));
    for (String name : REASONING.keySet()) {
      JsonNode kind = values.path(REASONED).path(name);
      String title = "Problems of " + name + ", means over seeds";
      tables.add(TrialTables.systems(title, kind.path("mean"), METRICS));
      tables.add(
          TrialTables.seeds(kind.path("rows"), Map.of(Problems.RIGHT, "exact match, " + name)));
    }
    return tables;
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
    systems.remove(REASONED);
    List<String> header = new ArrayList<>(List.of("system"));
    List<String> kinds = List.copyOf(kinds(values).keySet());
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
