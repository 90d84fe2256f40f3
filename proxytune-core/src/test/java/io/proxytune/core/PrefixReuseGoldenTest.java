package io.proxytune.core;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.LogitSource;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.Speculation;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Real models give the same texts and log-probabilities whether a prompt's beginning was kept: to
 * the bit where there is AVX-512, to within rounding elsewhere.
 */
@Tag("processor")
class PrefixReuseGoldenTest {
  private static final GenerationOptions OPTIONS =
      GenerationOptions.defaults()
          .withMaxNewTokens(4)
          .withIgnoreEndOfText(true)
          .withLogprobs(3)
          .withSpeculation(Speculation.off());

  private static int[] ids(int seed, int count, int width) {
    return new Random(seed).ints(count, 0, width).toArray();
  }

  /** A header of 150 tokens, of which 128 are kept, and as much more as fits. */
  private static List<Prompt> prompts(int width) {
    return IntStream.of(26, 30, 49, 64, 77, 100)
        .mapToObj(
            count ->
                Prompt.ofIds(
                    IntStream.concat(
                            Arrays.stream(ids(1, 150, width)),
                            Arrays.stream(ids(count, count, width)))
                        .toArray()))
        .toList();
  }

  private static double logprob(Generation text, int index) {
    return requireNonNull(text.tokens().get(index).logprobs()).logprob();
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"FLOAT32", "BFLOAT16"})
  void logprobsAreTheSame(DType dtype) {
    LoadOptions loading = LoadOptions.defaults().withDType(dtype);
    try (LogitSource base = TorchModels.load(GoldenModels.folder("rope-llama3"), loading);
        ProxyTuner keeping = ProxyTuner.builder().base(base).prefixCache(1 << 24).build();
        ProxyTuner reading = ProxyTuner.builder().base(base).prefixCache(0).build()) {
      for (Prompt prompt : prompts(base.width())) {
        Generation kept = keeping.generate(prompt, OPTIONS);
        Generation read = reading.generate(prompt, OPTIONS);
        assertThat(kept.tokenIds()).isEqualTo(read.tokenIds());
        for (int i = 0; i < 4; i++) {
          double rounding = dtype == DType.FLOAT32 ? 1e-5 : 2e-2;
          assertThat(logprob(kept, i)).isCloseTo(logprob(read, i), within(rounding));
        }
      }
      assertThat(keeping.prefixCache().hits()).isEqualTo(5);
      assertThat(keeping.prefixCache().reusedTokens()).isEqualTo(5 * 128);
      assertThat(keeping.prefixCache().bytes()).isPositive();
      assertThat(reading.prefixCache().hits()).isZero();
    }
  }
}
