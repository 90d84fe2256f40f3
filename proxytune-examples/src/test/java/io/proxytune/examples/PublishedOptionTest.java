package io.proxytune.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.GenerationOptions;
import io.proxytune.Penalties;
import io.proxytune.PublishedDefaults;
import io.proxytune.Sampler;
import io.proxytune.TokenConstraints;
import io.proxytune.Tokenizer;
import io.proxytune.core.training.ChatData;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Published generation settings on the command line: said to exist, and used on request. */
class PublishedOptionTest {
  private static final GenerationOptions SAMPLED =
      GenerationOptions.defaults()
          .withSampler(Sampler.temperature(0.6).withTopK(50).withTopP(0.9))
          .withPenalties(Penalties.NONE.withRepetition(1.1))
          .withBannedIds(Set.of(3))
          .withStopStrings("END")
          .withMaxNewTokens(20)
          .withMinNewTokens(6)
          .withConstraints(TokenConstraints.NONE.withNoRepeatNgramSize(3));

  @TempDir Path temp;
  private final FakeEngine engine = new FakeEngine();

  private CliRun generate(String options) {
    return CliRun.of(
        engine,
        Stream.of("generate --prompt p", options.contains("--base") ? "" : "--base b", options)
            .flatMap(part -> Stream.of(part.strip().split(" ")))
            .filter(part -> !part.isEmpty())
            .toArray(String[]::new));
  }

  private GenerationOptions asked(String options) {
    CliRun run = generate(options);
    assertThat(run.status()).as(run.err()).isZero();
    return engine.tuner.options;
  }

  private void publish(String model, GenerationOptions options, String setting, Object value) {
    engine.published.put(model, new PublishedDefaults(options, Map.of(setting, value), List.of()));
  }

  @Test
  void oneLineSaysThatThereAreSome() {
    publish("b", SAMPLED, "temperature", 0.6);
    engine.published.put(
        "e",
        new PublishedDefaults(
            SAMPLED, Map.of("bad_words_ids", List.of(List.of(5, 6))), List.of("num_beams")));

    CliRun run = generate("--quiet");
    assertThat(run.err())
        .isEqualTo(
            "proxytune: generation settings are published for b (temperature=0.6), and not used;"
                + " --published-defaults uses them\n");
    assertThat(engine.tuner.options).isEqualTo(GenerationOptions.defaults());

    CliRun steered = generate("--expert e --anti-expert b --json");
    assertThat(steered.err().lines())
        .containsExactly(
            "proxytune: generation settings are published for b (temperature=0.6) and e"
                + " (bad_words_ids=[[5,6]]; without effect: num_beams), and not used;"
                + " --published-defaults uses them");
    assertThat(steered.json().has("text")).isTrue();
    assertThat(generate("--expert x --anti-expert y --base z").err()).isEmpty();
  }

  @Test
  void malformedSettingsStopOnlyWhoAsksForThem() {
    CliRun run = generate("--base malformed");
    assertThat(run.status()).isZero();
    assertThat(run.err().lines())
        .containsExactly(
            "proxytune: generation settings are published for malformed (malformed: malformed:"
                + " temperature must be a number), and not used; --published-defaults uses them");
    CliRun refused = generate("--base malformed --published-defaults");
    assertThat(refused.status()).isEqualTo(2);
    assertThat(refused.err()).isEqualTo("proxytune: malformed: temperature must be a number\n");
  }

  @Test
  void aHostileFileNeitherFillsNorSteersTheTerminal() {
    Map<String, Object> hostile = new LinkedHashMap<>();
    hostile.put("\u001b[2J\u202e\n", "\u001b[31m\u009b" + "x".repeat(100_000));
    for (int i = 0; i < 10_000; i++) {
      hostile.put("k".repeat(500) + i, i);
    }
    engine.published.put(
        "b",
        new PublishedDefaults(
            GenerationOptions.defaults(), hostile, List.copyOf(hostile.keySet())));
    assertThat(generate("").err().lines())
        .singleElement()
        .asString()
        .hasSizeLessThan(6000)
        .contains(" and 9971 more; without effect: ")
        .doesNotContainPattern("\\p{C}");
  }

  @Test
  void usesThemOnRequestAndSaysWhich() {
    publish("b", SAMPLED, "temperature", 0.6);
    CliRun run = generate("--published-defaults");
    assertThat(run.err())
        .isEqualTo("proxytune: generation settings published for b: temperature=0.6\n");
    assertThat(engine.tuner.options).isEqualTo(SAMPLED);
    assertThat(generate("--published-defaults --base c").err())
        .isEqualTo("proxytune: generation settings published for c: no settings\n");
  }

  @Test
  void anExpertsCountBeforeTheBases() {
    GenerationOptions expert = GenerationOptions.defaults().withMaxNewTokens(7);
    publish("b", SAMPLED, "temperature", 0.6);
    publish("e", expert, "max_new_tokens", 7);
    publish("a", expert, "max_new_tokens", 8);
    String pair = " --expert e --anti-expert a";
    assertThat(asked("--published-defaults" + pair)).isEqualTo(expert);
    assertThat(asked("--published-defaults expert" + pair)).isEqualTo(expert);
    assertThat(asked("--published-defaults base" + pair)).isEqualTo(SAMPLED);
    String plain = " --expert plain --anti-expert a";
    assertThat(asked("--published-defaults" + plain)).isEqualTo(SAMPLED);
    assertThat(asked("--published-defaults=expert" + plain))
        .isEqualTo(GenerationOptions.defaults());
    publish("a+lora-x", expert, "max_new_tokens", 7);
    assertThat(asked("--published-defaults --anti-expert a --expert-adapter lora-x"))
        .isEqualTo(expert);
  }

  @Test
  void whatIsGivenWins() {
    publish("b", SAMPLED, "temperature", 0.6);
    String use = "--published-defaults ";
    assertThat(asked(use + "--temperature 0.2").sampler())
        .isEqualTo(Sampler.temperature(0.2).withTopK(50).withTopP(0.9));
    assertThat(asked(use + "--top-k 0 --min-p 0.1").sampler())
        .isEqualTo(Sampler.temperature(0.6).withTopP(0.9).withMinP(0.1));
    assertThat(asked(use + "--greedy").sampler()).isEqualTo(Sampler.greedy());
    assertThat(asked(use + "--repetition-penalty 1 --presence-penalty 0.5"))
        .isEqualTo(SAMPLED.withPenalties(new Penalties(1, 0, 0.5)));
    assertThat(asked(use + "--ban 4 --stop x --seed 5"))
        .isEqualTo(SAMPLED.withBannedIds(Set.of(3, 4)).withStopStrings("END", "x").withSeed(5));
    assertThat(asked(use + "--max-new-tokens 4"))
        .as("a published minimum contradicts no maximum that is given")
        .isEqualTo(SAMPLED.withMaxNewTokens(4).withMinNewTokens(4));
    assertThat(asked(use + "--min-new-tokens 0")).isEqualTo(SAMPLED.withMinNewTokens(0));
    publish("b", GenerationOptions.defaults(), "max_time", 5);
    assertThat(asked(use + "--top-p 0.5").sampler()).isEqualTo(Sampler.topP(0.5));
  }

  @Test
  void wrongUseIsRefusedBeforeAnythingIsLoaded() {
    assertThat(generate("--published-defaults anti").err())
        .isEqualTo("proxytune: --published-defaults takes base, expert or nothing, got 'anti'\n");
    assertThat(generate("--published-defaults expert").err())
        .startsWith("proxytune: --published-defaults expert needs an expert");
    assertThat(engine.loads).isEmpty();
  }

  @Test
  void anExpertsIdsAreMappedToTheBases() {
    publish("e", SAMPLED, "suppress_tokens", List.of(3));
    List<String> moved = new ArrayList<>(TinyCheckpoint.WORDS);
    Collections.swap(moved, 3, 4);
    engine.tokenizers.putAll(
        Map.of(
            "b", tokenizer("b", TinyCheckpoint.WORDS),
            "e", tokenizer("other", moved)));
    String use = "--expert e --anti-expert b --published-defaults";

    assertThat(asked(use)).isEqualTo(SAMPLED.withBannedIds(Set.of(4)));
    engine.tokenizers.put("e", tokenizer("same", TinyCheckpoint.WORDS));
    assertThat(asked(use)).isEqualTo(SAMPLED);
  }

  private Tokenizer tokenizer(String name, List<String> words) {
    Path folder = TinyCheckpoint.write(temp.resolve(name), 1, 64, words);
    return ChatData.tokenizer(folder, Optional.empty());
  }
}
