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
import io.proxytune.core.torch.CpuFeatures;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
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

  /** A format of weights, and how far log-probabilities may be apart. */
  private enum Format {
    FLOAT32(1e-5),
    BFLOAT16(2e-2),
    INT8(1e-3);

    private final double rounding;

    Format(double rounding) {
      this.rounding = rounding;
    }

    private LoadOptions loading() {
      LoadOptions options = LoadOptions.defaults();
      return switch (this) {
        case FLOAT32 -> options.withDType(DType.FLOAT32);
        case BFLOAT16 -> options.withDType(DType.BFLOAT16);
        case INT8 -> options.withQuantization(Quantization.int8());
      };
    }

    /** Where it was seen: with AVX-512 that has bfloat16, and no tiles. */
    private static boolean isSameToTheBit() {
      return CpuFeatures.multipliesBFloat16() && !CpuFeatures.multipliesTiles();
    }

    private void assertSame(Generation kept, Generation read) {
      assertThat(kept.tokenIds()).isEqualTo(read.tokenIds());
      for (int i = 0; i < 4; i++) {
        if (isSameToTheBit()) {
          assertThat(kept.tokens().get(i)).isEqualTo(read.tokens().get(i));
        }
        assertThat(logprob(kept, i)).isCloseTo(logprob(read, i), within(rounding));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void logprobsAreTheSame(Format format) {
    try (LogitSource base = TorchModels.load(GoldenModels.folder("rope-llama3"), format.loading());
        ProxyTuner keeping = ProxyTuner.builder().base(base).prefixCache(1 << 24).build();
        ProxyTuner reading = ProxyTuner.builder().base(base).prefixCache(0).build()) {
      for (Prompt prompt : prompts(base.width())) {
        format.assertSame(keeping.generate(prompt, OPTIONS), reading.generate(prompt, OPTIONS));
      }
      assertThat(keeping.prefixCache().hits()).isEqualTo(5);
      assertThat(keeping.prefixCache().reusedTokens()).isEqualTo(5 * 128);
      assertThat(keeping.prefixCache().bytes()).isPositive();
      assertThat(reading.prefixCache().hits()).isZero();
    }
  }

  /** The first reads the header for all, and what is left of each is read beside the others'. */
  @Test
  void promptsThatArriveTogetherDifferInDigitsOnly() {
    Format format = Format.FLOAT32;
    try (LogitSource base = TorchModels.load(GoldenModels.folder("rope-llama3"), format.loading());
        ProxyTuner keeping = ProxyTuner.builder().base(base).prefixCache(1 << 24).build();
        ProxyTuner reading = ProxyTuner.builder().base(base).prefixCache(0).build()) {
      List<Prompt> prompts = prompts(base.width());
      List<Generation> together = keeping.generateAll(prompts, OPTIONS);
      for (int i = 0; i < prompts.size(); i++) {
        Generation alone = reading.generate(prompts.get(i), OPTIONS);
        assertThat(together.get(i).tokenIds()).isEqualTo(alone.tokenIds());
        for (int token = 0; token < 4; token++) {
          assertThat(logprob(together.get(i), token))
              .isCloseTo(logprob(alone, token), within(format.rounding));
        }
      }
      assertThat(keeping.prefixCache().hits()).isEqualTo(5);
    }
  }
}
