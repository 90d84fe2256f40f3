package io.proxytune.examples.measure;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.examples.report.ScoreJson;
import io.proxytune.examples.statistics.PairedDifference;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Several systems on the same questions: immutable.
 *
 * @param questions what they were asked
 * @param systems their answers and scores; the base's first, if it took part
 * @param made what the figures were made with, for who wants to make them again
 */
public record Comparison(List<Question> questions, List<SystemScores> systems, ObjectNode made) {
  /** The system that all others are compared with, if it took part. */
  public static final String STEERED = "steered";

  /** The base alone. */
  public static final String BASE = "base";

  /** The base tuned directly. */
  public static final String DIRECT = "direct";

  public Comparison {
    questions = List.copyOf(questions);
    systems = List.copyOf(systems);
  }

  /** One system minus another on the same questions. */
  public record Difference(SystemScores one, SystemScores other, PairedDifference difference) {}

  /** The steered system, or else the last, minus each other one. */
  public List<Difference> differences() {
    SystemScores one = system(STEERED).orElse(systems.get(systems.size() - 1));
    List<Difference> differences = new ArrayList<>();
    for (SystemScores other : systems) {
      if (!other.id().equals(one.id())) {
        differences.add(new Difference(one, other, one.minus(other)));
      }
    }
    return differences;
  }

  /** A system, if it took part. */
  Optional<SystemScores> system(String id) {
    return systems.stream().filter(system -> system.id().equals(id)).findFirst();
  }

  /** How much of the gap to the base tuned directly is closed, if that took part. */
  public Optional<ScoreGap> gap() {
    return ScoreGap.of(this);
  }

  /** The kinds of questions, in the order of the file. */
  public List<String> tasks() {
    return questions.stream().map(Question::task).distinct().toList();
  }

  /** For programs. */
  public ObjectNode json() {
    ObjectNode json = made.deepCopy();
    ObjectNode scores = json.putObject("systems");
    for (SystemScores system : systems) {
      ObjectNode one = ScoreJson.of(system.mean());
      scores.set(system.id(), one);
      if (tasks().size() > 1) {
        ObjectNode byTask = one.putObject("tasks");
        tasks().forEach(it -> byTask.set(it, ScoreJson.of(system.of(questions, it).mean())));
      }
    }
    ArrayNode differences = json.putArray("differences");
    for (Difference each : differences()) {
      ObjectNode one = ScoreJson.of(each.difference);
      differences.add(one.put("system", each.one.id()).put("minus", each.other.id()));
    }
    gap().ifPresent(gap -> json.set("gap_closed", json(gap)));
    json.set("items", items());
    return json;
  }

  private static ObjectNode json(ScoreGap gap) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    if (Double.isFinite(gap.mean())) {
      json.put("mean", gap.mean());
    } else {
      json.putNull("mean");
    }
    gap.interval().ifPresent(it -> json.putArray("interval").add(it.low()).add(it.high()));
    gap.tasks().forEach(json.putArray("tasks")::add);
    return json;
  }

  private ArrayNode items() {
    ArrayNode items = JsonNodeFactory.instance.arrayNode();
    for (int i = 0; i < questions.size(); i++) {
      ObjectNode item = items.addObject().put("line", questions.get(i).line());
      if (!questions.get(i).request().id().isMissingNode()) {
        item.set("id", questions.get(i).request().id());
      }
      ObjectNode answers = item.putObject("answers");
      for (SystemScores system : systems) {
        ObjectNode answer = system.answers().get(i).json();
        answers.set(system.id(), answer.put("score", system.scores().get(i)));
      }
    }
    return items;
  }
}
