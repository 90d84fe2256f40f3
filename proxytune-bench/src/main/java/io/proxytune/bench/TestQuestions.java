package io.proxytune.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Questions of the shipped family's test data. */
final class TestQuestions {
  private static final ObjectMapper JSON = new ObjectMapper();

  private TestQuestions() {}

  /** The first questions of a task, such as {@code profile}, in the order of the data. */
  static List<String> of(String task, int count) {
    Path file = WidenedFamily.shipped().resolve(Path.of("data", "test.jsonl"));
    List<String> questions = new ArrayList<>();
    try {
      for (String line : Files.readAllLines(file)) {
        JsonNode item = JSON.readTree(line);
        if (questions.size() < count && item.path("task").asText().equals(task)) {
          questions.add(item.path("prompt").asText());
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("can't read the test data " + file, e);
    }
    return questions;
  }
}
