package io.proxytune.examples.measure;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.examples.batch.BadLineException;
import io.proxytune.examples.batch.BatchRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.IntStream;

/** Reads one line of a file of questions. */
final class QuestionLine {
  private static final List<String> OWN =
      List.of("expected", "options", "answer", "checker", "task");

  private final Function<JsonNode, BatchRequest> requests;
  private final Checkers checkers;

  QuestionLine(Function<JsonNode, BatchRequest> requests, Checkers checkers) {
    this.requests = requests;
    this.checkers = checkers;
  }

  Question read(long line, JsonNode json) {
    check(json.isObject(), "it must be a JSON object, got %s", shown(json));
    check(
        json.has("prompt") || json.has("messages"), "it has neither a \"prompt\" nor \"messages\"");
    JsonNode task = json.path("task");
    check(task.isMissingNode() || task.isTextual(), "\"task\" must be a text, got %s", shown(task));
    ObjectNode rest = json.deepCopy();
    rest.remove(OWN);
    BatchRequest request = requests.apply(rest);
    if (!json.has("options")) {
      check(
          !json.has("answer"),
          "\"answer\" belongs to \"options\": give what a written answer should be as"
              + " \"expected\"");
      return new Question(line, task.asText(""), request, List.of(), checkers.of(line, json));
    }
    check(
        !json.has("expected") && !json.has("checker"),
        "with \"options\" the right one is \"answer\": leave out \"expected\" and \"checker\"");
    List<String> options = options(json.path("options"));
    int right = right(options, json.path("answer"));
    Checker checker = answer -> answer.option().orElse(-1) == right ? 1 : 0;
    return new Question(line, task.asText(""), request, options, checker);
  }

  private static List<String> options(JsonNode json) {
    List<String> options = new ArrayList<>();
    for (JsonNode option : json) {
      check(
          option.isTextual() && !option.textValue().isEmpty(),
          "\"options\" must be texts that are not empty, got %s",
          shown(option));
      options.add(option.textValue());
    }
    check(
        json.isArray() && options.size() >= 2,
        "\"options\" must be a list of at least two texts, got %s",
        shown(json));
    return options;
  }

  /** By its index from 0, by its text, or by a letter from A. */
  private static int right(List<String> options, JsonNode answer) {
    int index = answer.isInt() ? answer.intValue() : -1;
    if (answer.isTextual()) {
      String text = answer.textValue().strip();
      index =
          IntStream.range(0, options.size())
              .filter(i -> options.get(i).strip().equals(text))
              .findFirst()
              .orElse(text.length() == 1 ? Character.toUpperCase(text.charAt(0)) - 'A' : -1);
    }
    check(
        index >= 0 && index < options.size(),
        "\"answer\" must be the index from 0, the letter from A or the text of one of the %s"
            + " options, got %s",
        options.size(),
        shown(answer));
    return index;
  }

  static String shown(JsonNode node) {
    String text = node.isMissingNode() ? "nothing" : node.toString();
    return text.length() <= 60 ? text : text.substring(0, 60) + "\u2026";
  }

  static void check(boolean condition, String format, Object... args) {
    if (!condition) {
      throw bad(format, args);
    }
  }

  static BadLineException bad(String format, Object... args) {
    return new BadLineException(String.format(Locale.ROOT, format, args));
  }
}
