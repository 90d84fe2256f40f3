package io.proxytune.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.File;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What inspect says of several folders: the shipped family's, and tiny ones. */
class InspectSeveralTest {
  @TempDir Path temp;

  private static CliRun inspect(String... models) {
    String[] arguments = new String[models.length + 1];
    arguments[0] = "inspect";
    System.arraycopy(models, 0, arguments, 1, models.length);
    CliRun run = CliRun.of(new TorchEngine(), arguments);
    assertThat(run.err()).isEmpty();
    assertThat(run.status()).isZero();
    return run;
  }

  private static String family(String model) {
    return "family" + File.separator + model;
  }

  @Test
  void namesTheTrioAndWhatItTakes() {
    assertThat(inspect(family("base"), family("small"), family("expert")).out())
        .isEqualToIgnoringNewLines(
            """
               model   weights  context  tokens  logits  chat  vocabulary  can be
            A  base      5.2 M      128     649     649  no                base, expert, anti-expert
            B  small   464.0 k      128     649     649  no    that of A   base, expert, anti-expert
            C  expert  464.0 k      128     649     649  yes   that of A   base, expert, anti-expert

            use             generate --base %1$sbase --anti-expert %1$ssmall --expert %1$sexpert
            memory          float32 23.2 MiB, bfloat16 11.6 MiB, int8 6.4 MiB, int4 4.5 MiB
            KV cache        16.5 KiB a token
            context         128 tokens
            text ends with  </s> (2)

            nothing to change
            """
                .formatted(family("")));
  }

  /** The first device is no one's here. */
  @Test
  void layersAreLaidOutOnDevices() {
    assertThat(inspect(family("base"), "--device", "cuda:7=0.01GB,cpu", "--dtype", "float32").out())
        .contains(
            "on cuda:7       embedding, layers 0 to 1: 6.8 MiB",
            "on cpu          layers 2 to 5, head: 12.9 MiB");
    JsonNode plan =
        inspect(family("base"), "--device", "cpu=2,cpu", "--json").json().path("device_plan");
    assertThat(plan).extracting(part -> part.path("first_layer").asInt()).containsExactly(0, 2);
    assertThat(plan).extracting(part -> part.path("layers").asInt()).containsExactly(2, 4);
  }

  @Test
  void namesAnAdapterWhatDoesNotFitAndWhatCanNotBeLoaded() {
    List<String> words = List.of("<unk>", "<s>", "</s>", "quite", "another");
    Path other = TinyCheckpoint.write(temp.resolve("other"), 1, 128, words);
    String gone = temp.toString();

    String text =
        inspect(family("base"), other.toString(), family("expert-lora"), family("small"), gone)
            .out();

    assertThat(text)
        .contains("expert-lora, adapter on D")
        .contains("--expert-adapter " + family("expert-lora"))
        .containsPattern("B  other .* another: 0\\.\\d % of A's  nothing\\R")
        .containsPattern("E  .*nothing, see below\\R")
        .contains("to note")
        .contains("  - A and B can't steer each other: 0.4 % of A's tokens are in B, but ")
        .contains("  - E can't be used: checkpoint folder " + gone + " has no config.json");
    assertThat(text.lines().filter(line -> line.contains("can't steer"))).hasSize(1);
  }

  @Test
  void saysTheSameInJson() {
    JsonNode json =
        inspect(family("base"), family("expert-lora"), family("small"), "--json").json();

    assertThat(json.at("/trio/base").asInt()).isZero();
    assertThat(json.at("/trio/expert").asInt()).isEqualTo(1);
    assertThat(json.at("/trio/anti_expert").asInt()).isEqualTo(2);
    assertThat(json.at("/trio/memory_bytes/int4").asLong()).isPositive();
    assertThat(json.at("/models/1/host").asInt()).isEqualTo(2);
    assertThat(json.at("/models/1/roles")).hasToString("[\"expert\"]");
    assertThat(json.at("/models/2/roles")).hasToString("[\"base\",\"expert\",\"anti_expert\"]");
    assertThat(json.at("/models/0/end_of_text/2").asText()).isEqualTo("</s>");
    assertThat(json.path("vocabularies")).hasSize(6);
    assertThat(json.at("/vocabularies/0/kind").asText()).isEqualTo("equal");
    assertThat(json.at("/vocabularies/0/share").asDouble()).isEqualTo(1);
    assertThat(json.path("advice")).isEmpty();
  }
}
