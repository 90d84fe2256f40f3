package io.proxytune.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.proxytune.LogitSource;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.TokenLogprobs;
import io.proxytune.core.DType;
import io.proxytune.core.LoadOptions;
import io.proxytune.core.TorchModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code evaluate --task} on a family with random weights. */
@Tag("slow")
class TaskEndToEndTest {
  private static final double ALPHA = 0.75;
  private static final LoadOptions FLOAT32 = LoadOptions.defaults().withDType(DType.FLOAT32);

  @TempDir private static Path shared;
  private static Path family;

  @TempDir private Path folder;

  @BeforeAll
  static void writeFamily() {
    family = TinyFamily.write(shared.resolve("family"));
  }

  private CliRun run(String task, String... more) {
    Stream<String> first =
        Stream.of(
            ("evaluate --task "
                    + task
                    + " --dtype float32 --base base --expert expert --anti-expert"
                    + " small --alpha "
                    + ALPHA
                    + " --json")
                .split(" ", -1));
    Stream<String> found =
        first.map(it -> Files.exists(family.resolve(it)) ? family.resolve(it).toString() : it);
    CliRun run =
        CliRun.of(
            new TorchEngine(),
            Stream.of(found, Stream.of("--data", folder.toString()), Stream.of(more))
                .flatMap(it -> it)
                .toArray(String[]::new));
    assertThat(run.status()).as(run.err()).isZero();
    return run;
  }

  private static Map<Integer, Double> logprobs(String model, String prompt, int top) {
    try (LogitSource source = TorchModels.load(family.resolve(model), FLOAT32);
        ProxyTuner tuner = ProxyTuner.builder().base(source).build()) {
      TokenLogprobs all = tuner.logprobs(Prompt.of(prompt), new int[] {0}, top).get(0);
      Map<Integer, Double> byId = new HashMap<>();
      all.top().forEach(each -> byId.put(each.id(), each.logprob()));
      return byId;
    }
  }

  /** base + α (expert − anti-expert) over the base's five likeliest, of three runs of their own. */
  @Test
  void onlyTheBasesLikeliestTokensAreSteered() throws IOException {
    Files.writeString(
        folder.resolve("20200101_qa.jsonl"),
        "{\"question_sentence\": \"Who?\", \"choices\": [\"w\", \"x\", \"y\", \"z\"],"
            + " \"answer\": [\"0\"]}\n");
    Path output = folder.resolve("run");
    JsonNode json = run("realtimeqa", "--output", output.toString()).json();
    assertThat(json.at("/systems/steered/metrics/tot").intValue()).isEqualTo(1);
    String prompt = json.at("/systems/steered/items/0/prompt").textValue();
    Map<Integer, Double> base = logprobs("base", prompt, 5);
    Map<Integer, Double> expert = logprobs("expert", prompt, TinyCheckpoint.WORDS.size());
    Map<Integer, Double> anti = logprobs("small", prompt, TinyCheckpoint.WORDS.size());
    Map<Integer, Double> fused = new HashMap<>();
    base.forEach((id, p) -> fused.put(id, p + ALPHA * (expert.get(id) - anti.get(id))));
    List<Integer> expected = new ArrayList<>(fused.keySet());
    expected.sort(Comparator.comparing(fused::get).reversed());

    JsonNode top = top(output.resolve("realtimeqa-steered.jsonl"));
    assertThat(top.findValues("id").stream().map(JsonNode::intValue))
        .containsExactlyElementsOf(expected);
    double first = top.get(0).path("logprob").doubleValue();
    for (JsonNode each : top) {
      double difference = fused.get(each.path("id").intValue()) - fused.get(expected.get(0));
      assertThat(each.path("logprob").doubleValue() - first).isCloseTo(difference, within(1e-4));
    }
    assertThat(top(output.resolve("realtimeqa-base.jsonl")).findValues("id"))
        .extracting(JsonNode::intValue)
        .containsExactlyInAnyOrderElementsOf(base.keySet());
  }

  private static JsonNode top(Path texts) throws IOException {
    JsonNode result = new ObjectMapper().readTree(Files.readAllLines(texts).get(0));
    return result.path("logprobs").path(0).path("top");
  }

  /**
   * Programs of models that know no Python, so that one that is run passes where it is a comment.
   */
  @Test
  void programsAreSampledAndRunOrRefused() throws IOException {
    Files.writeString(
        folder.resolve("HumanEval.jsonl"),
        "{\"task_id\": \"T/0\", \"prompt\": \"def f(): return 3 #\", \"test\": \"def check(f):"
            + " assert f() == 3\", \"entry_point\": \"f\"}\n");
    String[] few = {"--samples", "2", "--max-new-tokens", "8", "--seed", "5"};
    JsonNode first = run("humaneval", few).json();
    JsonNode steered = first.path("systems").path("steered");
    JsonNode outputs = first.at("/systems/base/items/0/outputs");
    assertThat(outputs.get(0)).isNotEqualTo(outputs.get(1));
    assertThat(run("humaneval", few).json().at("/systems/steered/items"))
        .isEqualTo(steered.path("items"));
    if (steered.has("missing")) {
      assertThat(steered.path("missing").textValue()).startsWith("code is not run: ");
    } else {
      assertThat(steered.at("/metrics/pass@1").doubleValue()).isEqualTo(1);
      assertThat(steered.at("/items/0/results/0").textValue()).isEqualTo("passed");
    }
  }
}
