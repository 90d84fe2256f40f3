package io.proxytune.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.proxytune.ExpertPair;
import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.Penalties;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.Sampler;
import io.proxytune.Speculation;
import io.proxytune.Token;
import io.proxytune.TokenLogprobs;
import io.proxytune.model.LogitModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Real models in float32: random requests give the same text with speculation as without. A product
 * of several rows rounds otherwise than that of one, so that log-probabilities are only close.
 */
@Tag("slow")
@Tag("processor")
class SpeculationGoldenTest {
  private static final double TOLERANCE = 1e-4;
  private static final LoadOptions FLOAT32 = LoadOptions.defaults().withDType(DType.FLOAT32);

  private static LogitModel load(String name) {
    return TorchModels.load(GoldenModels.folder(name), FLOAT32);
  }

  private static List<Sampler> samplers() {
    return List.of(
        Sampler.greedy(),
        Sampler.temperature(0.8),
        Sampler.topK(20),
        Sampler.topP(0.9),
        Sampler.minP(0.05),
        Sampler.typicalP(0.9));
  }

  private static GenerationOptions options(Random random, int width) {
    GenerationOptions options =
        GenerationOptions.defaults()
            .withSampler(samplers().get(random.nextInt(6)))
            .withSeed(random.nextLong())
            .withMaxNewTokens(4 + random.nextInt(21))
            .withMinNewTokens(random.nextInt(4))
            .withIgnoreEndOfText(random.nextBoolean())
            .withStopIds(random.nextInt(3) == 0 ? Set.of(random.nextInt(width)) : Set.of());
    if (random.nextBoolean()) {
      options = options.withPenalties(new Penalties(1.2, 0.1, 0.2));
    }
    if (random.nextInt(3) == 0) {
      options =
          options
              .withLogitBias(Map.of(random.nextInt(width), 2.5))
              .withBannedIds(Set.of(random.nextInt(width)));
    }
    return random.nextBoolean() ? options.withLogprobs(2) : options;
  }

  private static Prompt prompt(Random random, int width) {
    int[] pattern = random.ints(3 + random.nextInt(3), 3, width).toArray();
    return Prompt.ofIds(
        IntStream.range(0, 4 + random.nextInt(8)).map(i -> pattern[i % pattern.length]).toArray());
  }

  private static void assertSame(String what, Generation actual, Generation expected) {
    assertThat(actual.tokenIds()).as("ids, %s", what).isEqualTo(expected.tokenIds());
    assertThat(actual.text()).as("text, %s", what).isEqualTo(expected.text());
    assertThat(actual.finishReason()).as("end, %s", what).isEqualTo(expected.finishReason());
    for (int i = 0; i < expected.tokens().size(); i++) {
      assertClose(what, actual.tokens().get(i), expected.tokens().get(i));
    }
  }

  private static void assertClose(String what, Token actual, Token expected) {
    TokenLogprobs logprobs = expected.logprobs();
    if (logprobs == null) {
      assertThat(actual.logprobs()).isNull();
      return;
    }
    TokenLogprobs got = Objects.requireNonNull(actual.logprobs());
    assertThat(got.logprob()).as(what).isCloseTo(logprobs.logprob(), within(TOLERANCE));
    for (int i = 0; i < logprobs.roles().size(); i++) {
      assertThat(got.roles().get(i).logprob())
          .as("role %s, %s", i, what)
          .isCloseTo(logprobs.roles().get(i).logprob(), within(TOLERANCE));
    }
  }

  private static int assertRequests(ProxyTuner tuner, int width, long seed) {
    Random random = new Random(seed);
    int accepted = 0;
    for (int run = 0; run < 12; run++) {
      GenerationOptions options = options(random, width);
      Speculation speculation =
          Speculation.draft(1 + random.nextInt(6)).withPromptLookup(random.nextBoolean());
      GenerationOptions plain = options.withSpeculation(Speculation.off());
      GenerationOptions drafting = options.withSpeculation(speculation);
      List<Prompt> prompts = new ArrayList<>();
      IntStream.range(0, 3).forEach(i -> prompts.add(prompt(random, width)));
      String what = "run " + run + ", " + speculation + ", " + options;

      Generation alone = tuner.generate(prompts.get(0), drafting);
      assertSame(what, alone, tuner.generate(prompts.get(0), plain));
      List<Generation> together = tuner.generateAll(prompts, drafting);
      List<Generation> expected = tuner.generateAll(prompts, plain);
      List<Generation> many = tuner.generateMany(prompts.get(0), 3, drafting);
      List<Generation> expectedMany = tuner.generateMany(prompts.get(0), 3, plain);
      for (int i = 0; i < 3; i++) {
        assertSame("text " + i + ", " + what, together.get(i), expected.get(i));
        assertSame("completion " + i + ", " + what, many.get(i), expectedMany.get(i));
      }
      accepted += alone.stats().acceptedTokens();
    }
    return accepted;
  }

  @ParameterizedTest
  @CsvSource({"1, 1.0", "2, 0.5"})
  void steeredTextsAreTheSame(long seed, double alpha) {
    try (LogitModel base = load("trio/base");
        LogitModel expert = load("trio/expert");
        LogitModel antiExpert = load("trio/anti-expert");
        ProxyTuner tuner =
            ProxyTuner.builder()
                .base(base)
                .pair(new ExpertPair(expert, antiExpert, alpha))
                .build()) {
      int width = Math.min(base.width(), Math.min(expert.width(), antiExpert.width()));
      assertRequests(tuner, Math.min(width, 60), seed);
    }
  }

  @Test
  void adapterBesideItsAntiExpertDraftsTheSameText() {
    try (LogitModel base = load("mha-untied");
        LogitModel small = load("gqa-tied");
        LogitModel expert = TorchModels.loadAdapter(small, GoldenModels.folder("adapters/all"));
        ProxyTuner tuner =
            ProxyTuner.builder().base(base).expert(expert).antiExpert(small).build()) {
      assertRequests(tuner, Math.min(base.width(), small.width()), 3);
    }
  }

  /** The base steers itself away from nothing: the fused logits are the expert's. */
  @Test
  void rightDraftsAreKept() {
    try (LogitModel base = load("gqa-tied");
        LogitModel expert = load("mha-untied");
        LogitModel antiExpert = load("gqa-tied");
        ProxyTuner tuner =
            ProxyTuner.builder().base(base).expert(expert).antiExpert(antiExpert).build()) {
      assertThat(assertRequests(tuner, Math.min(base.width(), expert.width()), 4))
          .isGreaterThan(50);
    }
  }

  @ParameterizedTest
  @CsvSource({"mqa-bias-head-dim, 5", "rope-llama3, 6", "rope-dynamic, 7"})
  void plainModelsLookUpTheSameText(String name, long seed) {
    try (LogitModel base = load(name);
        ProxyTuner tuner = ProxyTuner.builder().base(base).build()) {
      assertRequests(tuner, base.width(), seed);
    }
  }

  @Test
  void dynamicPositionsLimitDrafts() {
    try (LogitModel dynamic = load("rope-dynamic");
        LogitModel other = load("gqa-tied")) {
      assertThat(dynamic.draftableLength()).isLessThan(dynamic.contextLength());
      assertThat(other.draftableLength()).isEqualTo(other.contextLength());
      assertThat(other.readsDrafts()).isTrue();
    }
  }
}
