package io.proxytune.examples.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.proxytune.examples.CliRun;
import io.proxytune.examples.TinyFamily;
import io.proxytune.examples.TorchEngine;
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The commands on a family with random weights. */
@Tag("slow")
class FamilyCommandsTest {
  @TempDir private static Path folder;
  private static Path family;

  @BeforeAll
  static void writeFamily() {
    family = TinyFamily.write(folder.resolve("family"));
  }

  private static CliRun run(String commandLine, String... more) {
    Stream<String> fixed = Stream.of("--family", family.toString());
    Stream<String> words = Stream.concat(Stream.of(commandLine.split(" ")), Stream.of(more));
    return CliRun.of(new TorchEngine(), Stream.concat(words, fixed).toArray(String[]::new));
  }

  private static CliRun good(String commandLine, String... more) {
    CliRun run = run(commandLine, more);
    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.err()).isEmpty();
    return run;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "evaluate",
        "sweep --alphas 0,1",
        "experiment offset --top 2",
        "experiment synthetic --strengths 0,4",
        "experiment sentiment",
        "experiment quantization --formats none,int8 --window 4"
      })
  void everyCommandReportsInThreeForms(String command) throws Exception {
    Path html = folder.resolve(command.replaceAll("[^a-z]", "-") + ".html");
    String text = good(command).out();
    assertThat(text.lines())
        .hasSizeGreaterThan(10)
        .allMatch(it -> it.codePointCount(0, it.length()) <= 80);
    JsonNode json = good(command, "--json", "--html", html.toString()).json();
    assertThat(json.at("/run/models/0/files")).isNotEmpty();
    byte[] page = Files.readAllBytes(html);
    DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new ByteArrayInputStream(page));
  }

  @Test
  void evaluateReportsEverySystemAndTask() {
    JsonNode json = good("evaluate --alpha 0.5 --json").json();
    assertThat(json.get("alpha").doubleValue()).isEqualTo(0.5);
    assertThat(json.has("mean_gap_closed")).isTrue();
    assertThat(json.has("mean_gap_closed_lora")).isTrue();
    assertThat(json.get("set").textValue()).isEqualTo("test");
    assertThat(List.copyOf(names(json.get("systems"))))
        .containsExactly("base", "expert", "proxy", "proxy_lora", "direct");
    for (JsonNode system : json.get("systems")) {
      assertThat(names(system.get("tasks")))
          .containsExactly(
              "question", "profile", "howto", "refusal", "refusal-unseen", "sentiment");
      assertThat(system.at("/tasks/question/exact/of").intValue()).isEqualTo(2);
      assertThat(system.at("/false_refusals/of").intValue()).isEqualTo(4);
    }
  }

  private static List<String> names(JsonNode object) {
    return object.propertyStream().map(Map.Entry::getKey).toList();
  }

  @Test
  void evaluateTakesALimitAndTheDevelopmentSet() {
    JsonNode json = good("evaluate --set dev --limit 1 --json").json();
    assertThat(json.get("set").textValue()).isEqualTo("dev");
    assertThat(json.at("/systems/base/tasks/question/exact/of").intValue()).isEqualTo(1);
  }

  @Test
  void whatWasAskedAndWithWhichModelsIsThere() throws Exception {
    Path html = folder.resolve("made.html");
    JsonNode json = good("evaluate --limit 1 --json", "--html", html.toString()).json();
    JsonNode run = json.get("run");
    assertThat(run.get("command").textValue()).startsWith("evaluate --limit 1");
    assertThat(names(run)).contains("version", "date");
    assertThat(run.get("models"))
        .extracting(model -> model.get("name").textValue())
        .containsExactly("base", "base-tuned", "expert", "small", "expert-lora");
    assertThat(run.at("/models/0/files"))
        .extracting(file -> file.get("sha256").textValue())
        .isNotEmpty()
        .allMatch(hash -> hash.matches("[0-9a-f]{64}"));
    assertThat(json.get("items"))
        .hasSize(6)
        .allSatisfy(
            item ->
                assertThat(names(item.get("answers")))
                    .containsExactlyElementsOf(names(json.get("systems"))));
    long exact =
        json.get("items")
            .valueStream()
            .filter(item -> item.at("/answers/proxy/exact").booleanValue())
            .count();
    assertThat(exact)
        .isEqualTo(
            json.at("/systems/proxy/tasks")
                .valueStream()
                .mapToInt(task -> task.at("/exact/count").intValue())
                .sum());
    assertThat(Files.readString(html)).contains("About this result", "evaluate --limit 1");
  }

  @Test
  void aSweepSortsItsStrengths() {
    JsonNode json = good("sweep --alphas 1,0,0.5,1 --json").json();
    assertThat(json.get("items")).isNotEmpty();
    assertThat(names(json.at("/items/0/answers"))).containsExactly("0.0", "0.5", "1.0");
    assertThat(json.get("points"))
        .extracting(it -> it.get("alpha").doubleValue())
        .containsExactly(0.0, 0.5, 1.0);
    assertThat(json.get("set").textValue()).isEqualTo("dev");
  }

  @Test
  void aSyntheticOffsetBeginsWithTheBasesOwnText() {
    JsonNode json = good("experiment synthetic --word green --strengths 0,1000 --json").json();
    JsonNode points = json.at("/raising/points");
    assertThat(points.get(0).get("changed").doubleValue()).isZero();
    assertThat(points.get(1).get("sample").textValue()).matches("green( green)*");
    assertThat(points.get(1).get("base_logprob").doubleValue())
        .isLessThan(points.get(0).get("base_logprob").doubleValue());
  }

  @Test
  void theOffsetNamesTokens() {
    JsonNode json = good("experiment offset --prompt sky --top 3 --json").json();
    JsonNode raised = json.at("/prompts/0/places/0/raised");
    assertThat(raised).hasSize(3);
    assertThat(raised.get(0).get("offset").doubleValue())
        .isGreaterThanOrEqualTo(raised.get(1).get("offset").doubleValue());
    assertThat(names(json.at("/prompts/0/texts")))
        .containsExactly("base", "anti-expert", "expert", "directly tuned", "proxy-tuned");
  }

  @Test
  void sentimentIsAFractionOfItsItems() {
    JsonNode accuracy = good("experiment sentiment --json").json().get("accuracy");
    for (JsonNode system : accuracy) {
      assertThat(system.get("value").doubleValue())
          .isCloseTo(system.get("count").intValue(), within(0.0));
    }
  }

  @Test
  void quantizationComparesFormatsWithTheFirst() {
    JsonNode formats =
        good("experiment quantization --formats none,int8,int4:64+head --json")
            .json()
            .get("formats");
    assertThat(formats).hasSize(3);
    assertThat(formats.get(0).get("change").doubleValue()).isZero();
    assertThat(formats.get(1).get("bytes").longValue())
        .isLessThan(formats.get(0).get("bytes").longValue());
    for (JsonNode format : formats) {
      assertThat(format.get("tokens")).isEqualTo(formats.get(0).get("tokens"));
      assertThat(format.get("perplexity").doubleValue())
          .isCloseTo(Math.exp(format.get("loss").doubleValue()), within(1e-9));
      assertThat(format.get("change").doubleValue()).isBetween(-0.5, 0.5);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "evaluate --set train | --set must be test or dev, got train",
        "evaluate --alpha NaN | --alpha must be a finite number",
        "evaluate --limit 0 | --limit must be >= 1, got 0",
        "evaluate --threads 0 | --threads must be >= 1, got 0",
        "evaluate --html no/such/folder/x.html | --html no/such/folder/x.html can't be written",
        "sweep --alphas 1,x | 'x' is not a double",
        "sweep --alphas 1,Infinity | --alphas must be finite numbers, got Infinity",
        "experiment offset --top 0 | --top must be >= 1, got 0",
        "experiment synthetic --strengths NaN | --strengths must be finite, got NaN",
        "experiment synthetic --max-new-tokens 0 | --max-new-tokens must be >= 1",
        "experiment sentiment --set x | --set must be test or dev, got x",
        "experiment quantization --window 1 | --window must be >= 2, got 1",
        "experiment quantization --formats int3 | quantization must be none, int8, int4",
        "experiment dance | Unmatched argument",
      })
  void badUsageIsRefusedInOneLine(String command, String message) {
    refused(run(command), message);
  }

  private static void refused(CliRun run, String message) {
    assertThat(run.status()).as(run.toString()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).startsWith("proxytune: ").hasLineCount(1).contains(message);
  }

  @Test
  void anExperimentMustBeNamed() {
    refused(
        CliRun.of(new TorchEngine(), "experiment"),
        "name an experiment: offset, synthetic, sentiment, quantization, selective-guidance");
  }

  @Test
  void aFolderWithoutAFamilyIsRefused() {
    refused(
        CliRun.of(new TorchEngine(), "evaluate", "--family", folder.resolve("none").toString()),
        "holds no family of models: expected the folders base, base-tuned, small and expert");
  }

  @Test
  void aDamagedSetIsNamedWithItsLine() throws Exception {
    Path damaged = TinyFamily.write(folder.resolve("damaged"));
    Files.writeString(damaged.resolve("data/test.jsonl"), "{\n");
    refused(
        CliRun.of(new TorchEngine(), "evaluate", "--family", damaged.toString()),
        "test.jsonl, line 1: no JSON object");
  }
}
