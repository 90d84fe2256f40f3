package io.proxytune.examples.study;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.proxytune.examples.CliRun;
import io.proxytune.examples.TinyFamily;
import io.proxytune.examples.TorchEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Studies of one subject each, on a family with random weights. */
@Tag("slow")
class TrialTest {
  @TempDir private Path folder;

  private JsonNode experiment(String name) {
    Path family = TinyFamily.write(folder.resolve("family"));
    CliRun run =
        CliRun.of(
            new TorchEngine(),
            "experiment",
            name,
            "--quick",
            "--quiet",
            "--family",
            family.toString(),
            "--output",
            output().toString());
    assertThat(run.status()).as(run.err()).isZero();
    return Parts.read(output().resolve(name + ".json"));
  }

  private Path output() {
    return folder.resolve("out");
  }

  @Test
  void aDomainIsTriedAndGoneOnWith() throws IOException {
    JsonNode json = experiment("domain");
    JsonNode row = json.at("/values/rows/0");
    assertThat(row.at("/steered/pass@1/other things").isNumber()).isTrue();
    assertThat(row.at("/direct/pass@10/things of the texts").isNumber()).isTrue();
    assertThat(json.at("/run/models"))
        .extracting(model -> model.path("name").asText())
        .contains("shipped-workshop-1-2", "base-workshop-1-2");
    assertThat(Files.readString(output().resolve("domain.md"), UTF_8))
        .startsWith("# domain\n")
        .contains("pass@10", "What it does not show");
    JsonNode again = experiment("domain");
    assertThat(again.path("values")).isEqualTo(json.path("values"));
    assertThat(again.path("measuring_seconds")).isEqualTo(json.path("measuring_seconds"));
  }

  @Test
  void tasksAreTriedAndWhatTheyLeaveAlone() {
    JsonNode json = experiment("task");
    assertThat(json.at("/values/reckoning/rows/0/untouched/steered/question").isNumber()).isTrue();
    assertThat(json.at("/values/recall/rows/0/direct/right/recall").isNumber()).isTrue();
    assertThat(json.at("/run/models"))
        .extracting(model -> model.path("name").asText())
        .contains("shipped-reckoning-1-2", "base-reckoning-known-1-2", "base-recall-1-2");
  }
}
