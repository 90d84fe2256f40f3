package io.proxytune.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.proxytune.CandidateSet;
import io.proxytune.ExpertPair;
import io.proxytune.Fusion;
import io.proxytune.SteeringProfile;
import io.proxytune.core.SteeringProfiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sweeps and searches on questions of one's own, and what becomes of a strength that is kept. */
class TuneAlphaTest {
  private static final String PAIR = " --expert e --anti-expert a";

  private final FakeEngine engine = new FakeEngine();

  @TempDir private Path folder;
  private Path file;

  @BeforeEach
  void writeQuestions() throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 24; i++) {
      lines.append(
          "{\"prompt\": \"p\", \"options\": [\"x\", \"y\"], \"answer\": %d}\n".formatted(i % 2));
    }
    file = Files.writeString(folder.resolve("q.jsonl"), lines);
  }

  private CliRun run(String command, String options) {
    List<String> args = new ArrayList<>(List.of(command, "--data", file.toString()));
    args.addAll(List.of(("--base b --at-once 1" + options).split(" ")));
    return CliRun.of(engine, args.toArray(String[]::new));
  }

  private JsonNode json(String command, String options) {
    CliRun run = run(command, options + " --json");
    assertThat(run.status()).as(run.err()).isZero();
    return run.json();
  }

  @Test
  void aSweepTriesAllStrengthsOfAllPresets() throws IOException {
    Path answers = folder.resolve("answers");
    JsonNode json =
        json(
            "sweep",
            PAIR + " --alphas 0:1:0.5 --presets proxy-tuning,dexperts --answers " + answers);
    assertThat(json.get("points"))
        .extracting(it -> it.get("preset").textValue() + " " + it.at("/alphas/0").doubleValue())
        .containsExactly(
            "proxy-tuning 0.0",
            "proxy-tuning 0.5",
            "proxy-tuning 1.0",
            "dexperts 0.0",
            "dexperts 0.5",
            "dexperts 1.0");
    assertThat(json.at("/best/alphas/0").doubleValue()).isEqualTo(1);
    assertThat(json.at("/points/0/score").doubleValue()).isEqualTo(0.5);
    assertThat(json.at("/points/0/scores")).hasSize(24);
    assertThat(json.get("best_minus_0").get("method").textValue()).isEqualTo("newcombe");
    assertThat(engine.fusion.candidates()).isEqualTo(CandidateSet.topP(0.9));
    assertThat(answers.resolve("dexperts-0.5.jsonl")).exists();
  }

  @Test
  void aSweepOfTwoPairsIsAGrid() {
    JsonNode json = json("sweep", PAIR + PAIR + " --alphas 0,1 --alphas 2");
    assertThat(json.get("points"))
        .extracting(it -> it.get("alphas").toString())
        .containsExactly("[0.0,2.0]", "[1.0,2.0]");
    assertThat(engine.pairs).extracting(ExpertPair::alpha).containsExactly(1.0, 2.0);
    assertThat(run("sweep", PAIR + PAIR + " --alphas 0,1").out())
        .contains("(0, 1)", "proxy-tuning, other \u03b1 = 1", "\u03b1 of the first pair");
  }

  @Test
  void aSearchThatFindsNothingSaysSo() {
    JsonNode json = json("tune-alpha", PAIR);
    assertThat(json.get("verdict").textValue()).isEqualTo("noise");
    assertThat(json.at("/recommended/0").doubleValue()).isZero();
    assertThat(json.get("calls").intValue()).isLessThan(json.get("full_grid_calls").intValue());
    assertThat(json.get("full_grid_calls").intValue()).isEqualTo(9 * 24);
    assertThat(json.get("search")).hasSize(9);
    assertThat(run("tune-alpha", PAIR).out())
        .contains("Recommended: \u03b1 = 0", "be noise", "Newcombe: his interval");
    assertThat(json("tune-alpha", PAIR + " --calls 60").get("calls").intValue())
        .isLessThanOrEqualTo(60);
    assertThat(json("tune-alpha", PAIR + PAIR).get("search")).hasSize(4 * 5 + 1);
  }

  @Test
  void whatIsSavedSteersEveryCommand() {
    Path saved = folder.resolve("steering.json");
    json("tune-alpha", PAIR + " --preset dexperts --save " + saved);
    SteeringProfile profile = SteeringProfiles.read(saved);
    assertThat(profile.alphas()).containsExactly(0.0);
    assertThat(profile.preset()).isEqualTo(SteeringProfile.Preset.DEXPERTS);
    assertThat(profile.chosenOn()).isEqualTo("24 questions of " + file);
    for (String command :
        List.of("generate", "score --continuation x", "choose --option x --option y")) {
      CliRun run =
          CliRun.of(
              engine, (command + " --base b --prompt p --steering " + saved + PAIR).split(" "));
      assertThat(run.status()).as(run.err()).isZero();
      assertThat(engine.pairs).extracting(ExpertPair::alpha).containsExactly(0.0);
      assertThat(engine.fusion.candidates()).isEqualTo(CandidateSet.topP(0.9));
    }
    CliRun served =
        CliRun.serving(
            engine,
            address -> {},
            ("serve --port 0 --base b --steering " + saved + PAIR).split(" "));
    assertThat(served.status()).as(served.err()).isZero();
    assertThat(engine.fusion).isEqualTo(SteeringProfile.Preset.DEXPERTS.fusion());
    assertThat(engine.fusion).isNotEqualTo(Fusion.proxyTuning());
  }

  @Test
  void badUsageIsRefusedBeforeLoading() throws IOException {
    Path two =
        Files.writeString(
            folder.resolve("two.json"),
            "{\"version\": 1, \"alphas\": [1, 2], \"preset\": \"proxy-tuning\"}");
    Map<String, String> bad =
        Map.ofEntries(
            Map.entry("sweep ", "a sweep varies \u03b1: add --expert MODEL"),
            Map.entry("sweep --alphas 0:1" + PAIR, "--alphas must be FROM:TO:STEP"),
            Map.entry(
                "sweep --presets unlearn" + PAIR, "unlearn has no pairs whose strength could"),
            Map.entry("tune-alpha ", "there is no strength to tune"),
            Map.entry("tune-alpha --calls 3" + PAIR, "3 calls are too few for 9 candidates"),
            Map.entry("tune-alpha --calls 0" + PAIR, "--calls must be >= 1, got 0"),
            Map.entry("tune-alpha --alphas 1 --totals 1" + PAIR, "exclude each other"),
            Map.entry("tune-alpha --save no/such/file" + PAIR, "--save no/such/file can't be"),
            Map.entry(
                "tune-alpha --space probabilities --save x.json" + PAIR,
                "--save keeps strengths and the preset of pairs alone"),
            Map.entry("tune-alpha --limit 3" + PAIR, "at least 4 items"),
            Map.entry(
                "tune-alpha --steering " + two + PAIR + PAIR, "--steering fixes what tune-alpha"),
            Map.entry(
                "evaluate --steering " + two + PAIR,
                "has strengths for 2 expert pairs, and there are 1: give the pairs"),
            Map.entry(
                "evaluate --steering " + two + PAIR + " --alpha 1" + PAIR,
                "--alpha and --steering both say how strongly"),
            Map.entry(
                "evaluate --preset dexperts --steering " + two + PAIR + PAIR,
                "--steering says how pairs are fused: leave out --preset"),
            Map.entry("evaluate --steering none.json" + PAIR, "none.json: there is no such file"));
    bad.forEach(
        (command, message) -> {
          String[] parts = command.split(" ", 2);
          CliRun run = run(parts[0], (" " + parts[1]).stripTrailing());
          assertThat(run.status()).as(run.toString()).isEqualTo(2);
          assertThat(run.err()).contains(message).hasLineCount(1);
        });
    assertThat(engine.loads).isEmpty();
  }
}
