package io.proxytune.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.GenerationOptions;
import io.proxytune.LogitSource;
import io.proxytune.ProxyTuner;
import io.proxytune.Sampler;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What must not change the base's text: no strength, and experts that are the base itself. */
@Tag("slow")
@Tag("processor")
class SameModelIdentityTest {
  private static final Path BASE = GoldenModels.folder("trio/base");
  private static final Path EXPERT = GoldenModels.folder("trio/expert");
  private static final Path ANTI_EXPERT = GoldenModels.folder("trio/anti-expert");
  private static final GenerationOptions GREEDY =
      GenerationOptions.defaults().withMaxNewTokens(40).withIgnoreEndOfText(true);
  private static final List<String> PROMPTS = randomPrompts(new Random(7));

  private static List<String> randomPrompts(Random random) {
    return Stream.generate(() -> randomPrompt(random)).limit(5).toList();
  }

  private static String randomPrompt(Random random) {
    return random
        .ints(1 + random.nextInt(20), 3, 96)
        .mapToObj(id -> "w" + id)
        .collect(Collectors.joining(" "));
  }

  @Test
  void strengthZeroGivesTheBasesIds() {
    try (LogitSource base = TorchModels.load(BASE);
        LogitSource expert = TorchModels.load(EXPERT);
        LogitSource antiExpert = TorchModels.load(ANTI_EXPERT)) {
      assertSteeredEqualsPlain(base, expert, antiExpert, 0);
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {1, -0.5, 2.5, 100})
  void oneModelInEveryRoleGivesItsOwnIds(double alpha) {
    try (LogitSource model = TorchModels.load(BASE)) {
      assertSteeredEqualsPlain(model, model, model, alpha);
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {1, -0.5, 2.5, 100})
  void oneCheckpointLoadedThreeTimesGivesItsOwnIds(double alpha) {
    try (LogitSource base = TorchModels.load(BASE);
        LogitSource expert = TorchModels.load(BASE);
        LogitSource antiExpert = TorchModels.load(BASE)) {
      assertSteeredEqualsPlain(base, expert, antiExpert, alpha);
    }
  }

  private static void assertSteeredEqualsPlain(
      LogitSource base, LogitSource expert, LogitSource antiExpert, double alpha) {
    try (ProxyTuner plain = ProxyTuner.builder().base(base).build();
        ProxyTuner steered =
            ProxyTuner.builder()
                .base(base)
                .expert(expert)
                .antiExpert(antiExpert)
                .alpha(alpha)
                .build()) {
      PROMPTS.forEach(prompt -> assertSameIds(plain, steered, prompt));
    }
  }

  private static void assertSameIds(ProxyTuner plain, ProxyTuner steered, String prompt) {
    GenerationOptions sampled = GREEDY.withSampler(Sampler.temperature(0.8)).withSeed(11);
    for (GenerationOptions options : List.of(GREEDY, sampled)) {
      assertThat(steered.generate(prompt, options).tokenIds())
          .as("%s, %s", prompt, options)
          .isEqualTo(plain.generate(prompt, options).tokenIds());
    }
  }
}
