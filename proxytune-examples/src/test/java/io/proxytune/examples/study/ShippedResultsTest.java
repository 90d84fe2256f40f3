package io.proxytune.examples.study;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.proxytune.examples.report.MarkdownWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What ships says what was measured, and the page and the table of answers say the same. */
class ShippedResultsTest {
  private static final Path MODULE =
      Files.isDirectory(Path.of("results")) ? Path.of("") : Path.of("proxytune-examples");

  private static List<Study> shipped() {
    return Studies.all().stream().filter(study -> Files.exists(file(study, "json"))).toList();
  }

  private static Path file(Study study, String ending) {
    return MODULE.resolve("results").resolve(study.plan().name() + "." + ending);
  }

  @Test
  void everyResultIsOfAStudyAndIsAnsweredInTheReadme() throws IOException {
    try (Stream<Path> files = Files.list(MODULE.resolve("results"))) {
      assertThat(files.filter(file -> file.toString().endsWith(".json")))
          .isNotEmpty()
          .containsExactlyInAnyOrderElementsOf(
              shipped().stream().map(study -> file(study, "json")).toList());
    }
    List<String> readme = Files.readAllLines(MODULE.resolve("README.md"), UTF_8);
    for (Study study : shipped()) {
      assertThat(readme).contains(StudyRecord.markdownRow(Parts.read(file(study, "json"))));
    }
  }

  @Test
  void answersAndPagesFollowFromTheValues() throws IOException {
    for (Study study : shipped()) {
      JsonNode json = Parts.read(file(study, "json"));
      String name = study.plan().name();
      assertThat(json.path("answer").asText())
          .as(name)
          .isEqualTo(study.conclude(json.path("values")).answer());
      assertThat(Files.readString(file(study, "md"), UTF_8))
          .as(name)
          .isEqualTo(MarkdownWriter.text(StudyRecord.report(study, json)));
    }
  }

  @Test
  void everyResultSaysHowItWasMade() {
    for (Study study : shipped()) {
      JsonNode json = Parts.read(file(study, "json"));
      assertThat(json.path("quick").asBoolean(true)).isFalse();
      assertThat(json.at("/run/command").asText())
          .matches("experiment (all|" + study.plan().name() + ") .*--output experiments.*");
      assertThat(json.at("/run/models/0/files")).isNotEmpty();
      assertThat(json.path("measuring_seconds").asDouble()).isPositive();
      Plan plan = study.plan();
      assertThat(
              List.of("question", "design", "models", "chosen", "not_shown").stream()
                  .map(field -> json.path(field).asText()))
          .as(plan.name())
          .containsExactly(
              plan.question(), plan.design(), plan.models(), plan.chosen(), plan.notShown());
    }
  }
}
