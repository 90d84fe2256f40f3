package io.proxytune.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.proxytune.Batching;
import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuneException;
import io.proxytune.ProxyTuner;
import io.proxytune.Sampler;
import io.proxytune.Speculation;
import io.proxytune.model.LogitModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Texts of one prompt read its memory once, in a tuner that many threads use. */
@Tag("processor")
@Timeout(120) // a request that is owed memory would wait for ever
class ManyForksGoldenTest {
  private static final int TEXTS = 16;
  private static final int NEW_TOKENS = 32;
  private static final int PROMPT = 200;

  private static final GenerationOptions OPTIONS =
      GenerationOptions.defaults()
          .withMaxNewTokens(NEW_TOKENS)
          .withIgnoreEndOfText(true)
          .withSpeculation(Speculation.off())
          .withSampler(Sampler.temperature(0.5));

  private LogitModel model;

  @BeforeEach
  void load() {
    LoadOptions options = LoadOptions.defaults().withDType(DType.FLOAT32);
    model = TorchModels.load(GoldenModels.folder("rope-llama3"), options);
  }

  @AfterEach
  void close() {
    model.close();
  }

  /** Those of one header go on behind what is kept of it. */
  private Prompt prompt(int seed) {
    Random random = new Random(seed);
    return Prompt.ofIds(
        IntStream.concat(
                new Random(seed / 4).ints(140, 0, model.width()),
                random.ints(PROMPT - 140, 0, model.width()))
            .toArray());
  }

  private static List<List<Integer>> ids(List<Generation> texts) {
    return texts.stream().map(Generation::tokenIds).toList();
  }

  private List<List<Integer>> alone(int seed) {
    try (ProxyTuner tuner = ProxyTuner.builder().base(model).prefixCache(0).build()) {
      return ids(tuner.generateMany(prompt(seed), TEXTS, OPTIONS.withSeed(seed)));
    }
  }

  @Test
  void textsOfManyThreadsAreThoseAlone() throws Exception {
    List<List<List<Integer>>> expected = IntStream.range(0, 12).mapToObj(this::alone).toList();
    ExecutorService threads = Executors.newFixedThreadPool(6);
    try (ProxyTuner tuner = ProxyTuner.builder().base(model).prefixCache(1 << 24).build()) {
      List<Future<List<List<Integer>>>> texts = new ArrayList<>();
      for (int i = 0; i < expected.size(); i++) {
        int seed = i;
        texts.add(
            threads.submit(
                () -> ids(tuner.generateMany(prompt(seed), TEXTS, OPTIONS.withSeed(seed)))));
      }
      for (int i = 0; i < expected.size(); i++) {
        assertThat(texts.get(i).get()).as("request " + i).isEqualTo(expected.get(i));
      }
      assertThat(tuner.prefixCache().hits()).isPositive();
    } finally {
      threads.shutdownNow();
    }
  }

  /** Memory for one of sixteen, and what is their own of the others: requests take turns. */
  @Test
  void sharedMemoryIsTakenOnce() throws Exception {
    long whole = model.sessionBytes(PROMPT + NEW_TOKENS);
    long own = model.forkBytes(PROMPT, PROMPT + NEW_TOKENS);
    assertThat(own).isLessThan(whole / 3);
    Batching enough = Batching.defaults().withCacheBytes(whole + (TEXTS - 1) * own);
    Batching tooLittle = Batching.defaults().withCacheBytes(whole + (TEXTS - 1) * own - 1);
    try (ProxyTuner tuner =
            ProxyTuner.builder().base(model).prefixCache(0).batching(enough).build();
        ProxyTuner refusing =
            ProxyTuner.builder().base(model).prefixCache(0).batching(tooLittle).build()) {
      ExecutorService threads = Executors.newFixedThreadPool(3);
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        int seed = i;
        all.add(threads.submit(() -> tuner.generateMany(prompt(seed), TEXTS, OPTIONS)));
      }
      for (Future<?> each : all) {
        each.get();
      }
      threads.shutdownNow();
      assertThatExceptionOfType(ProxyTuneException.class)
          .isThrownBy(() -> refusing.generateMany(prompt(1), TEXTS, OPTIONS))
          .withMessageContaining("the KV caches of this request need");
    }
  }
}
