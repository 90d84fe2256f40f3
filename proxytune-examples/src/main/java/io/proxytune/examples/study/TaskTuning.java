package io.proxytune.examples.study;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableMap;
import io.proxytune.examples.evaluation.SystemResult;
import io.proxytune.examples.evaluation.Task;
import io.proxytune.examples.report.Figures;
import io.proxytune.examples.report.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Whether an expert that was tuned on one task alone brings it to the base, and at what price. */
final class TaskTuning implements Study {
  private static final Map<Subject, Trial.Steps> STEPS =
      ImmutableMap.of(
          Subject.RECKONING, new Trial.Steps(400, 250), Subject.RECALL, new Trial.Steps(100, 80));

  private static final Map<String, String> METRICS =
      ImmutableMap.of(Problems.RIGHT, "exact match", Problems.FACTS, "facts told");

  /** Of recall, whose answers are a fact and nothing before it. */
  private static final Map<String, String> RIGHT_ALONE = Map.of(Problems.RIGHT, "exact match");

  /** The tasks of the family's test set that tuning on arithmetic left alone. */
  private static final Map<Task, String> UNTOUCHED =
      ImmutableMap.of(
          Task.QUESTION, "question: the fact occurs",
          Task.PROFILE, "profile: all facts occur",
          Task.HOWTO, "how-to: the tool occurs",
          Task.SENTIMENT, "sentiment: right choice");

  @Override
  public Plan plan() {
    return new Plan(
        "task",
        "Does an expert that was tuned on a single task bring it to the base, and what becomes of"
            + " other tasks?",
        "Two tasks, each with a pair of its own. Reckoning, as GSM8K: arithmetic over the years of"
            + " birth, which are named after animals; their order is told by the problems alone."
            + " \"Which year came after the year of A?\" and \"How long after the year of the hare"
            + " was A born?\", which is told by the years that pass, from one to six. Answers tell"
            + " the birth, then the result (\"A was born in the year of the swan. So badger, owl,"
            + " raven, swan.\"). Recall, as TriviaQA: a question for one fact and a short answer."
            + " The test problems ask about 200 people of the world. The expert learns reckoning on"
            + " strangers of whom no text tells, and recall on 150 others of the world. The"
            + " yardstick of reckoning is tuned on problems about these 150. Exact match is of the"
            + " result, which must be the last sentence and end the text. Greedy decoding. What"
            + " reckoning did not touch is told by the family's test set: whether the facts occur"
            + " in the answer, as the base never ends one, and which sentiment is likelier.",
        "The family's base of 5.2 million weights and its small model of 0.5 million, the"
            + " anti-expert; the expert and the yardstick are these tuned on the task, for %s and %s"
                .formatted(steps(Subject.RECKONING).expert(), steps(Subject.RECKONING).direct())
            + " steps of 1,024 positions of reckoning (6,000 problems), and %s and %s of recall"
                .formatted(steps(Subject.RECALL).expert(), steps(Subject.RECALL).direct())
            + " (1,000). A seed is another order of training and other problems.",
        "By hand, on the development problems of seed 1: steps of training; whom tuning asks about,"
            + " after a base tuned on strangers had come to make births up (1 of 40 as they"
            + " are); and problems about one person, after a small model had mixed up the names of"
            + " two and three. α is 1, as in the paper. Nothing on the test problems, and nothing"
            + " on the family's test set.",
        "What a base learns that is tuned for as long as it gains: for time, the yardstick of"
            + " recall had 80 steps and gives fewer facts than the base knows. Arithmetic with"
            + " numbers, of which the world has none, and chains of more than two steps; other"
            + " seeds of base and anti-expert. The interval over seeds takes them as drawn from a"
            + " normal distribution.");
  }

  private static Trial.Steps steps(Subject subject) {
    return STEPS.getOrDefault(subject, new Trial.Steps(1, 1));
  }

  @Override
  public ObjectNode measure(Laboratory lab) {
    ObjectNode values = JsonNodeFactory.instance.objectNode();
    for (Subject subject : STEPS.keySet()) {
      ObjectNode task = values.putObject(subject.id());
      ArrayNode rows = task.putArray("rows");
      for (long seed : lab.seeds()) {
        Trial trial = trial(lab, subject, seed);
        ObjectNode row = trial.row();
        rows.add(row);
        if (subject == Subject.RECKONING) {
          putUntouched(row.putObject("untouched"), lab, trial);
        }
      }
      TrialTables.sumUp(task, rows);
    }
    return values;
  }

  private static Trial trial(Laboratory lab, Subject subject, long seed) {
    Problems problems = new Problems(lab.some(subject.lessons(seed).test()));
    Subject ofDirect = subject == Subject.RECKONING ? Subject.RECKONING_KNOWN : subject;
    return new Trial(lab, subject, ofDirect, seed, steps(subject), problems);
  }

  private static void putUntouched(ObjectNode json, Laboratory lab, Trial trial) {
    put(json.putObject("base"), lab.marks(Mix.alone(Made.Shipped.BASE), Use.TEST));
    put(json.putObject("steered"), lab.marks(trial.steered(), Use.TEST));
    put(json.putObject("direct"), lab.marks(trial.direct(), Use.TEST));
  }

  private static void put(ObjectNode json, SystemResult marks) {
    for (Task task : UNTOUCHED.keySet()) {
      if (marks.tasks().contains(task)) {
        boolean choice = task == Task.SENTIMENT;
        json.put(task.id(), (choice ? marks.exact(task) : marks.knows(task)).value());
      }
    }
  }

  @Override
  public Conclusion conclude(JsonNode values) {
    JsonNode reckoning = values.path(Subject.RECKONING.id());
    JsonNode recall = values.path(Subject.RECALL.id());
    String form =
        "Gap closed, mean over seeds: %s in reckoning (exact match %s) and %s in recall"
            + " (%s). %s";
    String answer =
        form.formatted(
            gap(reckoning),
            scores(reckoning),
            gap(recall),
            scores(recall),
            untouched(reckoning.path("rows")));
    List<Table> tables = new ArrayList<>();
    addTables(tables, "Reckoning", reckoning, METRICS);
    addTables(tables, "Recall", recall, RIGHT_ALONE);
    tables.add(table(reckoning.path("rows")));
    return new Conclusion(answer, tables);
  }

  private static void addTables(
      List<Table> tables, String name, JsonNode task, Map<String, String> metrics) {
    String title = name + " on the test problems, means over seeds";
    tables.add(TrialTables.systems(title, task.path("mean"), metrics));
    tables.add(TrialTables.seeds(task.path("rows"), RIGHT_ALONE));
  }

  private static String gap(JsonNode task) {
    return Values.text(task.path("mean").path("gap").path(Problems.RIGHT));
  }

  private static String scores(JsonNode task) {
    JsonNode mean = task.path("mean");
    return "base %s, expert alone %s, steered %s, tuned directly %s"
        .formatted(
            TrialTables.score(mean, "base", Problems.RIGHT, "mean"),
            TrialTables.score(mean, "expert", Problems.RIGHT, "mean"),
            TrialTables.score(mean, "steered", Problems.RIGHT, "mean"),
            TrialTables.score(mean, "direct", Problems.RIGHT, "mean"));
  }

  private static String untouched(JsonNode rows) {
    List<String> parts = new ArrayList<>();
    for (Task task : UNTOUCHED.keySet()) {
      parts.add(
          "%s %s, %s and %s"
              .formatted(
                  task.id(),
                  mean(rows, "base", task),
                  mean(rows, "steered", task),
                  mean(rows, "direct", task)));
    }
    return "What reckoning did not touch, base, steered and tuned directly: "
        + String.join("; ", parts)
        + ".";
  }

  private static String mean(JsonNode rows, String system, Task task) {
    double sum = 0;
    for (JsonNode row : rows) {
      sum += row.path("untouched").path(system).path(task.id()).asDouble(Double.NaN);
    }
    return Figures.fraction(sum / rows.size());
  }

  private static Table table(JsonNode rows) {
    Table table =
        new Table(
            "The family's test set, which reckoning did not touch; means over seeds",
            List.of("task", "base", "steered by reckoning", "tuned directly on reckoning"));
    UNTOUCHED.forEach(
        (task, title) ->
            table.row(
                title,
                mean(rows, "base", task),
                mean(rows, "steered", task),
                mean(rows, "direct", task)));
    return table;
  }
}
