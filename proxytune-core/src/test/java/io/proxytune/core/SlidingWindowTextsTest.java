package io.proxytune.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.Speculation;
import io.proxytune.core.checkpoint.TinyLlama;
import io.proxytune.model.LogitModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Texts of models whose caches slide are those of the same models whose caches keep all. */
@Tag("processor")
class SlidingWindowTextsTest {
  private static final int WINDOW = 24;
  private static final int CONTEXT = 2_048;
  private static final List<String> ROLES = List.of("base", "expert", "anti-expert");

  @TempDir static Path folder;

  @BeforeAll
  static void write() throws IOException {
    for (String role : ROLES) {
      new TinyLlama()
          .seed(role.length())
          .config(
              config -> {
                config.putArray("architectures").add("MistralForCausalLM");
                config.put("model_type", "mistral").put("sliding_window", WINDOW);
                config.put("max_position_embeddings", CONTEXT);
              })
          .write(Files.createDirectory(folder.resolve(role)));
    }
  }

  /** A tuner and its models. */
  private record Steered(List<LogitModel> models, ProxyTuner tuner) implements AutoCloseable {
    static Steered of(boolean slides) {
      LoadOptions options =
          LoadOptions.defaults().withDType(DType.FLOAT32).withSlidingWindowCache(slides);
      List<LogitModel> models =
          ROLES.stream().map(role -> TorchModels.load(folder.resolve(role), options)).toList();
      return new Steered(
          models,
          ProxyTuner.builder().base(models.get(0)).pair(models.get(1), models.get(2)).build());
    }

    @Override
    public void close() {
      tuner.close();
      models.forEach(LogitModel::close);
    }
  }

  private static Prompt prompt(int common, int own, int seed) {
    return Prompt.ofIds(
        IntStream.concat(new Random(1).ints(common, 0, 16), new Random(seed).ints(own, 0, 16))
            .toArray());
  }

  @Test
  void theirMemoryIsAsInspected() {
    Path base = folder.resolve("base");
    LoadOptions options = LoadOptions.defaults().withSlidingWindowCache(true);
    try (LogitModel sliding = TorchModels.load(base, options);
        LogitModel whole = TorchModels.load(base)) {
      CheckpointSummary summary = TorchModels.inspect(base);
      assertThat(whole.sessionBytes(CONTEXT)).isEqualTo(CONTEXT * summary.kvBytesPerToken());
      assertThat(summary.kvBytesSliding()).isLessThan(CONTEXT * summary.kvBytesPerToken() / 2);
      assertThat((double) sliding.sessionBytes(CONTEXT)) // in whole blocks
          .isCloseTo((double) summary.kvBytesSliding(), withinPercentage(5));
    }
  }

  /** Prompts that begin alike, and texts of one prompt, with drafts and without. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void theyAreTheSame(boolean drafts) {
    GenerationOptions options =
        GenerationOptions.defaults()
            .withMaxNewTokens(90)
            .withIgnoreEndOfText(true)
            .withSpeculation(drafts ? Speculation.draft(4) : Speculation.off());
    try (Steered slidingOnes = Steered.of(true);
        Steered wholeOnes = Steered.of(false)) {
      ProxyTuner sliding = slidingOnes.tuner();
      ProxyTuner whole = wholeOnes.tuner();
      for (Prompt prompt :
          List.of(prompt(900, 100, 2), prompt(900, 30, 3), prompt(200, 1, 4), prompt(900, 9, 5))) {
        assertSame(
            sliding.generateMany(prompt, 2, options), whole.generateMany(prompt, 2, options));
      }
      List<Prompt> together = List.of(prompt(700, 3, 6), prompt(700, 200, 7), prompt(0, 800, 8));
      assertSame(sliding.generateAll(together, options), whole.generateAll(together, options));
      assertThat(whole.prefixCache().hits()).isPositive();
    }
  }

  /** Each of the three models counts. */
  @Test
  void whatMustBeReadAgainDoesNotCountAsReused() {
    try (Steered sliding = Steered.of(true)) {
      ProxyTuner tuner = sliding.tuner();
      GenerationOptions options = GenerationOptions.defaults().withMaxNewTokens(1);
      tuner.generate(prompt(900, 100, 2), options);
      tuner.generate(prompt(200, 100, 3), options);
      assertThat(tuner.prefixCache().hits()).as("left behind long ago").isZero();

      tuner.generate(prompt(900, 50, 4), options);
      assertThat(tuner.prefixCache().reusedTokens()).isEqualTo(3 * 896);
      tuner.generate(prompt(190, 80, 5), options);
      assertThat(tuner.prefixCache().reusedTokens()).as("of the second").isEqualTo(3 * (896 + 128));
      assertThat(tuner.prefixCache().hits()).isEqualTo(3 * 2);
    }
  }

  private static void assertSame(List<Generation> actual, List<Generation> expected) {
    for (int i = 0; i < expected.size(); i++) {
      assertThat(actual.get(i).tokenIds()).isEqualTo(expected.get(i).tokenIds());
    }
  }
}
