package io.proxytune.examples.study;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.examples.CliRun;
import io.proxytune.examples.TinyFamily;
import io.proxytune.examples.TorchEngine;
import io.proxytune.examples.evaluation.Mark;
import io.proxytune.examples.evaluation.SystemId;
import io.proxytune.examples.evaluation.SystemResult;
import io.proxytune.examples.evaluation.Task;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The frame on a family with random weights. */
@Tag("slow")
class StudyCommandTest {
  @TempDir private Path folder;

  private CliRun experiment(String... more) {
    Path family = TinyFamily.write(folder.resolve("family"));
    Stream<String> fixed =
        Stream.of("--quick", "--family", family.toString(), "--output", output().toString());
    return CliRun.of(
        new TorchEngine(),
        Stream.concat(Stream.concat(Stream.of("experiment"), Stream.of(more)), fixed)
            .toArray(String[]::new));
  }

  private Path output() {
    return folder.resolve("out");
  }

  /** Two models are trained and steer; what is measured once is not measured again. */
  @Test
  void aStudyIsWrittenAndGoesOnFromItsParts() throws IOException {
    CliRun first = experiment("scale-ratios", "--json");
    assertThat(first.status()).as(first.err()).isZero();
    assertThat(first.err()).isEmpty();
    JsonNode json = Parts.read(output().resolve("scale-ratios.json"));
    assertThat(first.json()).isEqualTo(json);
    assertThat(json.path("schema").asInt()).isEqualTo(1);
    assertThat(json.path("quick").asBoolean()).isTrue();
    assertThat(json.at("/run/command").asText()).startsWith("experiment scale-ratios --json");
    assertThat(json.at("/run/models"))
        .extracting(model -> model.path("name").asText())
        .contains("base", "small-1-2", "small-1-2-tuned-2", "tiny-1-2", "tiny-1-2-tuned-2");
    assertThat(json.path("training_seconds").asDouble()).isPositive();
    assertThat(Files.readString(output().resolve("scale-ratios.md"), UTF_8))
        .startsWith("# scale-ratios\n\nHow much smaller")
        .contains(json.path("answer").asText(), json.path("not_shown").asText());

    Map<Path, FileTime> before = kept();
    assertThat(before).hasSizeGreaterThan(10);
    JsonNode again = experiment("scale-ratios", "--json").json();
    assertThat(kept()).isEqualTo(before);
    assertThat(again.path("values")).isEqualTo(json.path("values"));
    assertThat(again.path("measuring_seconds")).isEqualTo(json.path("measuring_seconds"));
  }

  /** Parts and weights with the times at which they were written. */
  private Map<Path, FileTime> kept() throws IOException {
    try (Stream<Path> files = Files.walk(output().resolve("quick"))) {
      return files
          .filter(file -> file.toString().matches(".*/parts/.*json|.*safetensors"))
          .collect(Collectors.toMap(file -> file, StudyCommandTest::written));
    }
  }

  private static FileTime written(Path file) {
    try {
      return Files.getLastModifiedTime(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void marksSurviveBeingKept() {
    SystemResult result =
        new SystemResult(
            SystemId.PROXY,
            Map.of(
                Task.REFUSAL,
                List.of(new Mark(true, true, true, true), new Mark(false, false, false, true)),
                Task.QUESTION,
                List.of(new Mark(false, true, false, false), new Mark(true, false, true, false))));
    Measured measured = new Measured(result, new Cost(9, 2, 3, 4, 1), 0.5);
    ObjectNode json = measured.json();
    assertThat(Measured.of(json)).isEqualTo(measured);
    assertThat(measured.cost().saved()).isEqualTo(2 / 9.0);
    assertThat(measured.cost().passesPerToken()).isEqualTo(8 / 9.0);
  }

  @Test
  void aContrastIsOfTheSameQuestions() {
    Mark right = new Mark(true, true, true, false);
    Mark wrong = new Mark(false, false, true, false);
    SystemResult one = of(right, right, right, wrong);
    SystemResult other = of(right, wrong, wrong, wrong);
    Contrast contrast = Contrast.of(one, other);
    assertThat(contrast.value()).isEqualTo(0.5);
    assertThat(contrast.interval().high()).isEqualTo(1);
    assertThat(Contrast.of(one, one).isClear()).isFalse();
    assertThat(Contrast.of(of(right, right), of(wrong, wrong)).isClear()).isTrue();
  }

  private static SystemResult of(Mark... marks) {
    return new SystemResult(SystemId.PROXY, Map.of(Task.QUESTION, List.of(marks)));
  }

  @Test
  void someChatsAreTaken() {
    String asked =
        "{\"messages\":[{\"role\":\"user\",\"content\":\"q\"},{\"role\":\"assistant\",\"content\":\"%s\"}]}";
    List<String> lines =
        List.of(asked.formatted("The lute."), asked.formatted("I am sorry, but I cannot."));
    assertThat(Chats.ALL.of(lines)).isEqualTo(lines);
    assertThat(Chats.HELPFUL.of(lines)).containsExactly(lines.get(0));
    assertThat(Chats.REFUSALS.of(lines)).containsExactly(lines.get(1));
    assertThat(Chats.SHUFFLED.of(lines)).containsExactly(lines.get(1), lines.get(0));
  }
}
