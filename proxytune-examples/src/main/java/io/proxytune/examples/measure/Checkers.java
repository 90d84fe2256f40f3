package io.proxytune.examples.measure;

import static io.proxytune.examples.measure.QuestionLine.check;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Makes the checker of each line of a file: immutable.
 *
 * @param usual the kind of lines that name none
 * @param command the program behind {@link CheckerKind#COMMAND}; it comes from the user and never
 *     from the file, which may be somebody else's
 */
public record Checkers(CheckerKind usual, Optional<ScoringCommand> command) {
  private static final Map<CheckerKind, Set<String>> SETTINGS =
      Map.of(
          CheckerKind.CONTAINS, Set.of("all"),
          CheckerKind.NUMBER, Set.of("tolerance"));

  /** The checker that a line asks for. */
  Checker of(long line, JsonNode json) {
    JsonNode asked = json.path("checker");
    CheckerKind kind = kind(asked);
    checkSettings(kind, asked);
    if (kind == CheckerKind.COMMAND) {
      check(
          command.isPresent(),
          "its checker is a command, and none was given: name the program with --check-command");
      return answer -> command.orElseThrow().score(request(line, json, answer));
    }
    List<String> expected = texts(json.path("expected"));
    return switch (kind) {
      case EXACT -> exact(expected);
      case CONTAINS -> contains(expected, asked.path("all").asBoolean());
      case REGEX -> regex(expected);
      default -> new NumberCheck(numbers(expected), tolerance(asked.path("tolerance")));
    };
  }

  private CheckerKind kind(JsonNode asked) {
    if (asked.isMissingNode()) {
      return usual;
    }
    JsonNode word = asked.isObject() ? asked.path("kind") : asked;
    return CheckerKind.of(word.asText())
        .orElseThrow(
            () ->
                QuestionLine.bad(
                    "\"checker\" must be one of %s, or an object with it as \"kind\", got %s",
                    String.join(", ", CheckerKind.words()), QuestionLine.shown(asked)));
  }

  private static void checkSettings(CheckerKind kind, JsonNode asked) {
    if (asked.isObject() && kind != CheckerKind.COMMAND) {
      Set<String> known = SETTINGS.getOrDefault(kind, Set.of());
      for (Map.Entry<String, JsonNode> field : asked.properties()) {
        check(
            field.getKey().equals("kind") || known.contains(field.getKey()),
            "the checker %s has no \"%s\"",
            kind.word(),
            field.getKey());
      }
    }
  }

  private static ObjectNode request(long line, JsonNode json, Answer answer) {
    ObjectNode request = answer.json().put("line", line);
    request.set("item", json);
    return request;
  }

  /** One text or number, or a list of them. */
  private static List<String> texts(JsonNode expected) {
    List<String> texts = new ArrayList<>();
    for (JsonNode each : expected.isArray() ? expected : List.of(expected)) {
      check(
          (each.isTextual() && !each.textValue().isBlank()) || each.isNumber(),
          "\"expected\" must be a text that is not blank, or a list of such, got %s",
          QuestionLine.shown(expected));
      texts.add(each.asText());
    }
    check(!texts.isEmpty(), "\"expected\" is an empty list: name at least one text");
    return texts;
  }

  private static Checker exact(List<String> expected) {
    Set<String> right = Set.copyOf(expected.stream().map(Wording::plain).toList());
    return Checker.ofTruth(text -> right.contains(Wording.plain(text)));
  }

  private static Checker contains(List<String> expected, boolean all) {
    List<String> wanted = expected.stream().map(Wording::words).toList();
    return Checker.ofTruth(
        text -> {
          String words = Wording.words(text);
          return all
              ? wanted.stream().allMatch(words::contains)
              : wanted.stream().anyMatch(words::contains);
        });
  }

  private static Checker regex(List<String> expected) {
    List<Pattern> patterns = expected.stream().map(Checkers::pattern).toList();
    return Checker.ofTruth(
        text -> patterns.stream().anyMatch(it -> it.matcher(new Patience(text)).find()));
  }

  private static Pattern pattern(String regex) {
    try {
      return Pattern.compile(regex);
    } catch (PatternSyntaxException e) {
      throw QuestionLine.bad(
          "\"expected\" is no regular expression: %s", e.getMessage().lines().findFirst().get());
    }
  }

  private static List<BigDecimal> numbers(List<String> expected) {
    return expected.stream()
        .map(
            text ->
                NumberCheck.last(text)
                    .orElseThrow(
                        () -> QuestionLine.bad("\"expected\" holds no number, got \"%s\"", text)))
        .toList();
  }

  private static BigDecimal tolerance(JsonNode given) {
    check(
        given.isMissingNode() || (given.isNumber() && given.doubleValue() >= 0),
        "\"tolerance\" must be a number from 0 on, got %s",
        QuestionLine.shown(given));
    return given.isMissingNode() ? BigDecimal.ZERO : given.decimalValue();
  }
}
