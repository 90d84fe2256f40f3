package io.proxytune.examples.measure;

import com.fasterxml.jackson.databind.JsonNode;
import io.proxytune.core.files.InvalidJsonException;
import io.proxytune.core.files.JsonText;
import io.proxytune.examples.batch.BadLineException;
import io.proxytune.examples.batch.BatchRequest;
import io.proxytune.examples.batch.InputLines;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * The questions of a file, a JSON object a line: immutable.
 *
 * @param questions those that can be put, in the order of the file
 * @param problems the lines that can't, with the reason
 */
public record QuestionFile(List<Question> questions, List<Problem> problems) {
  /** A line that can't be done. */
  public record Problem(long line, String why) {}

  public QuestionFile {
    questions = List.copyOf(questions);
    problems = List.copyOf(problems);
  }

  /**
   * Reads a file.
   *
   * @param requests makes of a line, without what belongs to checkers, what the models are asked
   * @throws IllegalArgumentException if it can't be read, or no line of it can be done
   */
  public static QuestionFile read(
      String option, Path file, Function<JsonNode, BatchRequest> requests, Checkers checkers) {
    QuestionLine reader = new QuestionLine(requests, checkers);
    List<Question> questions = new ArrayList<>();
    List<Problem> problems = new ArrayList<>();
    try (InputLines lines = InputLines.open(option, file)) {
      for (var line = lines.next(); line.isPresent(); line = lines.next()) {
        long number = line.get().number();
        try {
          questions.add(reader.read(number, JsonText.parse(line.get().text())));
        } catch (InvalidJsonException e) {
          problems.add(new Problem(number, "it is no JSON, " + e.getMessage()));
        } catch (BadLineException e) {
          problems.add(new Problem(number, String.valueOf(e.getMessage())));
        }
      }
    }
    requireSome(option + " " + file, questions, problems);
    return new QuestionFile(questions, problems);
  }

  private static void requireSome(String name, List<Question> questions, List<Problem> problems) {
    if (questions.isEmpty()) {
      throw new IllegalArgumentException(
          problems.isEmpty()
              ? name + " holds no questions"
              : "%s has no line that can be done: line %d: %s"
                  .formatted(name, problems.get(0).line(), oneLine(problems.get(0).why())));
    }
  }

  /** Without line breaks. */
  public static String oneLine(String text) {
    return text.replaceAll("\\s*\\R\\s*", " ");
  }

  /** The first questions alone. */
  public QuestionFile limit(Optional<Integer> most) {
    return most.map(count -> new QuestionFile(questions.stream().limit(count).toList(), problems))
        .orElse(this);
  }
}
