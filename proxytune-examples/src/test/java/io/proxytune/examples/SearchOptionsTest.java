package io.proxytune.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.proxytune.Search;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** {@code generate --best-of} and {@code --beam} over a tuner that says always the same. */
class SearchOptionsTest {
  private static final String PAIR = " --expert e --anti-expert a";
  private final FakeEngine engine = new FakeEngine();

  private CliRun run(String options) {
    List<String> args = new ArrayList<>(List.of("generate", "--base", "b", "--prompt", "p"));
    Stream.of(options.trim().split(" ", -1)).forEach(args::add);
    return CliRun.of(engine, args.toArray(String[]::new));
  }

  private Search search(String options) {
    CliRun run = run(options + " --temperature 1" + PAIR);
    assertThat(run.status()).as(run.err()).isZero();
    return engine.tuner.search;
  }

  private String refusal(String options) {
    CliRun run = run(options);
    assertThat(run.status()).isEqualTo(2);
    return run.err();
  }

  @Test
  void optionsAreASearch() {
    assertThat(search("--best-of 3")).isEqualTo(Search.bestOf(3));
    assertThat(search("--beam 2")).isEqualTo(Search.beam(2, 4, 16));
    assertThat(search("--beam 2 --beam-successors 3 --beam-chunk 5"))
        .isEqualTo(Search.beam(2, 3, 5));
  }

  @Test
  void theBestTextIsPrinted() {
    CliRun run = run("--best-of 3 --temperature 1 --stats" + PAIR);
    assertThat(run.out()).isEqualTo(FakeTuner.TEXT + "\n");
    assertThat(run.err()).contains("reward 2.5000, the best of 3 down to 0.5000");
  }

  @Test
  void jsonHasEveryTextWithItsReward() {
    JsonNode json = run("--best-of 3 --temperature 1 --json" + PAIR).json();
    assertThat(json.get("reward").doubleValue()).isEqualTo(2.5);
    assertThat(json.get("completions").findValues("reward"))
        .extracting(JsonNode::doubleValue)
        .containsExactly(2.5, 1.5, 0.5);
    assertThat(json.findValues("logprobs")).isEmpty();
    assertThat(run("--best-of 3 --temperature 1 --json --logprobs 1" + PAIR).json().has("logprobs"))
        .isTrue();
  }

  @Test
  void whatCannotWorkIsRefused() {
    assertThat(refusal("--best-of 3 --beam 2" + PAIR)).contains("exclude each other");
    assertThat(refusal("--beam-chunk 2" + PAIR)).contains("need --beam WIDTH");
    assertThat(refusal("--best-of 3")).contains("give --expert and --anti-expert");
    assertThat(refusal("--best-of 3 --n 2" + PAIR)).contains("--n excludes");
    assertThat(refusal("--best-of 0" + PAIR)).contains("the number of texts must be >= 1, got 0");
    assertThat(engine.loads).isEmpty();
    assertThat(refusal("--best-of 3" + PAIR)).contains("give --temperature 1");
  }
}
