package io.proxytune.core.tuner;

import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.Batching;
import io.proxytune.ExpertPair;
import io.proxytune.FinishReason;
import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.Penalties;
import io.proxytune.Prompt;
import io.proxytune.Sampler;
import io.proxytune.Speculation;
import io.proxytune.Token;
import io.proxytune.TokenStream;
import io.proxytune.core.ensemble.FakeModel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Requests of many threads that come, go and fail at random: each gets what it gets alone. */
@Tag("slow")
@Timeout(120)
class ManyRequestsTest {
  private static final int THREADS = 64;
  private static final int REQUESTS_EACH = 30;

  private final TunerFixture fixture =
      new TunerFixture()
          .prefillChunk(6)
          .batching(Batching.defaults().withMaxSequences(24).withCacheBytes(4000));
  private final FakeModel base = model("base", 1);
  private final FakeModel expert = model("expert", 2);
  private final FakeModel antiExpert = model("anti", 1);
  private final DefaultProxyTuner plain = fixture.tuner(base);
  private final DefaultProxyTuner steered = fixture.tuner(base, ExpertPair.of(expert, antiExpert));
  private final DefaultProxyTuner half =
      fixture.tuner(base, new ExpertPair(expert, antiExpert, 0.5));
  private final List<GenerationOptions> options = options();
  private final List<Prompt> prompts =
      List.of(
          Prompt.ofIds(5),
          Prompt.ofIds(6, 7, 8),
          Prompt.ofIds(9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22));
  private final Map<List<Integer>, Generation> alone = new ConcurrentHashMap<>();
  private final List<Throwable> wrong = new ArrayList<>();
  private final AtomicInteger whole = new AtomicInteger();

  private static FakeModel model(String name, long seed) {
    return RandomRequests.markov(name, seed, 60)
        .sharingPasses()
        .readingDrafts()
        .withBytesPerToken(1);
  }

  private static List<GenerationOptions> options() {
    GenerationOptions plain =
        GenerationOptions.defaults().withMaxNewTokens(12).withIgnoreEndOfText(true).withSeed(3);
    Sampler.Custom lowest = (logits, context) -> context.position() % 3 + 5;
    return List.of(
        plain,
        plain.withSpeculation(Speculation.off()).withSampler(Sampler.topP(0.8)),
        plain.withSpeculation(Speculation.draft(3)).withSampler(Sampler.temperature(0.7)),
        plain.withLogprobs(2).withPenalties(Penalties.NONE.withRepetition(1.2)),
        plain.withSampler(lowest).withSpeculation(Speculation.draft(2)),
        plain.withProcessors(List.of((logits, context) -> logits[9] += 1)).withLogprobs(0));
  }

  private DefaultProxyTuner tuner(int index) {
    return List.of(plain, steered, half).get(index);
  }

  private Generation alone(int tuner, int prompt, int option) {
    return alone.get(List.of(tuner, prompt, option));
  }

  @Test
  void eachGetsWhatItGetsAloneAndNothingIsLeft() throws Exception {
    for (int tuner = 0; tuner < 3; tuner++) {
      for (int prompt = 0; prompt < prompts.size(); prompt++) {
        for (int option = 0; option < options.size(); option++) {
          alone.put(
              List.of(tuner, prompt, option),
              tuner(tuner).generate(prompts.get(prompt), options.get(option)));
        }
      }
    }
    base.beforePass(pass -> fixture.clock.incrementAndGet());
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      Random random = new Random(i);
      Thread thread = new Thread(() -> requests(random));
      thread.start();
      threads.add(thread);
    }
    for (Thread thread : threads) {
      thread.join();
    }

    assertThat(wrong).isEmpty();
    assertThat(whole.get()).isGreaterThan(THREADS * REQUESTS_EACH / 4);
    assertThat(base.passes().stream().mapToInt(List::size).max().orElse(0)).isBetween(8, 24);
    assertThat(plain.waiting()).isZero();
    plain.close();
    steered.close();
    half.close();
    fixture.assertNothingOpen();
  }

  private void requests(Random random) {
    try {
      for (int i = 0; i < REQUESTS_EACH; i++) {
        request(random);
        assertThat(Thread.interrupted()).isFalse();
      }
    } catch (RuntimeException | Error e) {
      synchronized (wrong) {
        wrong.add(e);
      }
    }
  }

  private void request(Random random) {
    int tuner = random.nextInt(3);
    int prompt = random.nextInt(prompts.size());
    int option = random.nextInt(options.size());
    DefaultProxyTuner asked = tuner(tuner);
    Prompt text = prompts.get(prompt);
    GenerationOptions own = options.get(option);
    Generation expected = alone(tuner, prompt, option);
    switch (random.nextInt(9)) {
      case 0 -> assertWhole(read(asked.stream(text, own), 99, random), expected);
      case 1 -> assertBegin(read(asked.stream(text, own), random.nextInt(6), random), expected);
      case 2 -> assertBegin(cancelled(asked.generateAsync(text, own), expected), expected);
      case 3 -> {
        Duration limit = Duration.ofNanos(1 + random.nextInt(10));
        assertBegin(asked.generate(text, own.withTimeLimit(limit)), expected);
      }
      case 4 -> assertInterrupted(asked, text, own, expected);
      case 5 -> assertFails(asked, text, own);
      case 6 -> assertWhole(asked.generateMany(text, 2, own).get(0), expected);
      case 7 ->
          assertThat(asked.choose(text, List.of("ab", "cat")).scores())
              .isEqualTo(asked.choose(text, List.of("ab", "cat")).scores());
      default -> assertWhole(asked.generate(text, own), expected);
    }
  }

  /** Reads some tokens, now and then slowly, and leaves the rest. */
  private static Generation read(TokenStream opened, int most, Random random) {
    try (TokenStream stream = opened) {
      int read = 0;
      for (Token token : stream) {
        assertThat(token.index()).isEqualTo(read++);
        if (random.nextInt(8) == 0) {
          LockSupport.parkNanos(20_000);
        }
        if (read >= most) {
          break;
        }
      }
      stream.cancel();
      return stream.result();
    }
  }

  private static Generation cancelled(CompletableFuture<Generation> future, Generation otherwise) {
    future.cancel(true);
    try {
      return future.join();
    } catch (CancellationException e) {
      return otherwise;
    }
  }

  private void assertInterrupted(
      DefaultProxyTuner tuner, Prompt prompt, GenerationOptions own, Generation expected) {
    Thread.currentThread().interrupt();
    Generation text = tuner.generate(prompt, own);
    assertThat(Thread.interrupted()).isTrue();
    assertThat(text.finishReason()).isEqualTo(FinishReason.CANCELLED);
    assertBegin(text, expected);
  }

  private static final class Sabotage extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  private static void assertFails(
      DefaultProxyTuner tuner, Prompt prompt, GenerationOptions options) {
    try {
      tuner.generate(
          prompt,
          options,
          token -> {
            throw new Sabotage();
          });
    } catch (Sabotage e) {
      return;
    }
    throw new AssertionError("a listener's exception was lost");
  }

  private void assertWhole(Generation text, Generation expected) {
    whole.incrementAndGet();
    assertThat(text.tokens()).isEqualTo(expected.tokens());
    assertThat(text.finishReason()).isEqualTo(expected.finishReason());
  }

  private static void assertBegin(Generation text, Generation expected) {
    assertThat(text.tokens()).isEqualTo(expected.tokens().subList(0, text.tokens().size()));
  }
}
