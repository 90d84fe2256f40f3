package io.proxytune.examples.study;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.proxytune.examples.CliRun;
import io.proxytune.examples.TinyFamily;
import io.proxytune.examples.TorchEngine;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Conversations of models with random weights, whose answers are all wrong. */
@Tag("slow")
class ConversationsTest {
  @TempDir private Path folder;

  @Test
  void everySystemAnswersEveryTurn() {
    String family = TinyFamily.write(folder.resolve("family")).toString();
    String output = folder.resolve("out").toString();
    CliRun run =
        CliRun.of(
            new TorchEngine(),
            new String[] {
              "experiment", "conversations", "--quick", "--family", family, "--output", output
            });
    assertThat(run.status()).as(run.err()).isZero();
    JsonNode json = Parts.read(folder.resolve("out/conversations.json"));
    assertThat(json.at("/run/models"))
        .extracting(model -> model.path("name").asText())
        .contains(
            "base-of-512-positions-1-2",
            "base-of-512-positions-1-2-conversing-1-2",
            "small-of-512-positions-1-2-conversing-1-2");
    JsonNode rows = json.at("/values/rows");
    assertThat(rows)
        .extracting(row -> row.path("system").asText())
        .contains("base", "steered throughout", "decaying", "expert", "tuned directly");
    assertThat(rows)
        .allSatisfy(
            row -> {
              assertThat(row.at("/1/ended/value").isNumber()).isTrue();
              assertThat(row.at("/2 to 4/exact/value").asDouble(1)).isZero();
              assertThat(row.at("/9 to 16/ended").has("value")).isFalse();
            });
    assertThat(json.path("answer").asText()).startsWith("After one steered turn, the base alone");
  }
}
