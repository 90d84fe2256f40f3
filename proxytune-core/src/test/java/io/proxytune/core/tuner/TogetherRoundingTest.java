package io.proxytune.core.tuner;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.Speculation;
import io.proxytune.core.GoldenModels;
import io.proxytune.core.TorchModels;
import io.proxytune.model.LogitModel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Texts of loaded models in float32, with neighbours: the same ids, and the same but for digits.
 */
@Tag("slow")
@Timeout(180)
class TogetherRoundingTest {
  private static final int CALLERS = 8;
  private static final GenerationOptions OPTIONS =
      GenerationOptions.defaults()
          .withMaxNewTokens(24)
          .withIgnoreEndOfText(true)
          .withLogprobs(0)
          .withSpeculation(Speculation.off());

  private static Prompt prompt(int caller) {
    return Prompt.ofIds(IntStream.range(0, 3 + 5 * caller).map(i -> 5 + (i * 7) % 60).toArray());
  }

  private static List<Generation> together(ProxyTuner tuner) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(CALLERS);
    try {
      CyclicBarrier start = new CyclicBarrier(CALLERS);
      List<Callable<Generation>> calls = new ArrayList<>();
      for (int i = 0; i < CALLERS; i++) {
        Prompt prompt = prompt(i);
        calls.add(
            () -> {
              start.await(30, TimeUnit.SECONDS);
              return tuner.generate(prompt, OPTIONS);
            });
      }
      List<Generation> texts = new ArrayList<>();
      for (Future<Generation> text : threads.invokeAll(calls)) {
        texts.add(text.get());
      }
      return texts;
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void neighboursChangeNoIdAndOnlyTheLastDigits() throws Exception {
    try (LogitModel base = TorchModels.load(GoldenModels.folder("mha-untied"));
        LogitModel small = TorchModels.load(GoldenModels.folder("gqa-tied"));
        LogitModel expert = TorchModels.loadAdapter(small, GoldenModels.folder("adapters/all"));
        ProxyTuner tuner =
            ProxyTuner.builder().base(base).expert(expert).antiExpert(small).build()) {
      List<Generation> alone =
          IntStream.range(0, CALLERS).mapToObj(i -> tuner.generate(prompt(i), OPTIONS)).toList();
      List<Generation> together = together(tuner);

      for (int i = 0; i < CALLERS; i++) {
        assertThat(together.get(i).tokenIds()).isEqualTo(alone.get(i).tokenIds());
        for (int token = 0; token < 24; token++) {
          assertThat(logprob(together.get(i), token))
              .isCloseTo(logprob(alone.get(i), token), within(2e-5));
        }
      }
    }
  }

  private static double logprob(Generation text, int token) {
    return requireNonNull(text.tokens().get(token).logprobs()).logprob();
  }
}
