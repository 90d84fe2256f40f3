package io.proxytune.core.tuner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proxytune.FinishReason;
import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.core.ensemble.FakeModel;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class AsyncTest {
  private static final GenerationOptions OPTIONS = GenerationOptions.defaults().withMaxNewTokens(6);
  private static final Prompt PROMPT = Prompt.ofIds(5, 6);

  private final TunerFixture fixture = new TunerFixture();
  private final FakeModel base = FakeModel.hashed("base", 1);

  @AfterEach
  void nothingStaysOpen() throws InterruptedException {
    // A cancelled future is done before its thread is.
    for (int i = 0; i < 3000 && base.open() + fixture.math.open() > 0; i++) {
      Thread.sleep(10);
    }
    fixture.assertNothingOpen();
  }

  @Test
  void resultIsThatOfGenerate() throws Exception {
    try (DefaultProxyTuner tuner = fixture.tuner(base)) {
      Generation text = tuner.generateAsync(PROMPT, OPTIONS).get(30, TimeUnit.SECONDS);

      assertThat(text.tokenIds()).isEqualTo(tuner.generate(PROMPT, OPTIONS).tokenIds());
    }
  }

  @Test
  void requestsRunOnNamedDaemonThreadsOfTheGivenNumber() throws Exception {
    Set<String> names = ConcurrentHashMap.newKeySet();
    CountDownLatch both = new CountDownLatch(2);
    base.beforePass(
        pass -> {
          if (names.add(Thread.currentThread().getName())) {
            both.countDown();
            await(both);
          }
          assertThat(Thread.currentThread().isDaemon()).isTrue();
        });
    try (DefaultProxyTuner tuner = fixture.asyncRequests(2).tuner(base)) {
      List<CompletableFuture<Generation>> futures =
          IntStream.range(0, 10).mapToObj(i -> tuner.generateAsync(PROMPT, OPTIONS)).toList();
      for (CompletableFuture<Generation> future : futures) {
        assertThat(future.get(30, TimeUnit.SECONDS).tokenIds()).hasSize(6);
      }
    }
    assertThat(names).containsExactlyInAnyOrder("proxytune-async-1", "proxytune-async-2");
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void cancellingTheFutureEndsTheTextAtItsNextStep() throws Exception {
    CountDownLatch inStep = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    base.beforePass(
        pass -> {
          inStep.countDown();
          await(goOn);
        });
    try (DefaultProxyTuner tuner = fixture.tuner(base)) {
      CompletableFuture<Generation> running = tuner.generateAsync(PROMPT, OPTIONS);
      CompletableFuture<Generation> queued = tuner.generateAsync(PROMPT, OPTIONS);
      await(inStep);
      assertThat(running.cancel(true)).isTrue();
      assertThat(queued.cancel(true)).isTrue();
      goOn.countDown();

      assertThatThrownBy(running::join).isInstanceOf(CancellationException.class);
      assertThat(tuner.generateAsync(PROMPT, OPTIONS).get(30, TimeUnit.SECONDS).tokenIds())
          .hasSize(6);
      assertThat(base.passes()).as("one step of the first, none of the second").hasSize(1 + 6);
    }
  }

  @Test
  void failuresReachTheFuture() {
    try (DefaultProxyTuner tuner = fixture.tuner(base)) {
      assertThatThrownBy(() -> tuner.generateAsync(Prompt.ofIds(99), OPTIONS).get())
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(IllegalArgumentException.class);
      base.beforePass(
          pass -> {
            throw new UnsupportedOperationException("sabotage");
          });
      assertThatThrownBy(() -> tuner.generateAsync(PROMPT, OPTIONS).get())
          .hasCauseInstanceOf(UnsupportedOperationException.class);
    }
  }

  @Test
  void closingTheTunerFailsWhatRunsAndWhatWaits() {
    CountDownLatch inStep = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    base.beforePass(
        pass -> {
          inStep.countDown();
          await(goOn);
        });
    DefaultProxyTuner tuner = fixture.tuner(base);
    CompletableFuture<Generation> running = tuner.generateAsync(PROMPT, OPTIONS);
    CompletableFuture<Generation> queued = tuner.generateAsync(PROMPT, OPTIONS);
    await(inStep);
    tuner.close();
    goOn.countDown();

    for (CompletableFuture<Generation> future :
        List.of(running, queued, tuner.generateAsync(PROMPT, OPTIONS))) {
      assertThatThrownBy(() -> future.get(30, TimeUnit.SECONDS))
          .hasCauseInstanceOf(IllegalStateException.class)
          .hasMessageContaining("closed");
    }
  }

  @Test
  void waitingCountsTowardsTheTimeLimit() throws Exception {
    CountDownLatch goOn = new CountDownLatch(1);
    base.beforePass(pass -> await(goOn));
    try (DefaultProxyTuner tuner = fixture.tuner(base)) {
      CompletableFuture<Generation> first = tuner.generateAsync(PROMPT, OPTIONS);
      CompletableFuture<Generation> limited =
          tuner.generateAsync(PROMPT, OPTIONS.withTimeLimit(Duration.ofSeconds(1)));
      fixture.clock.addAndGet(Duration.ofSeconds(2).toNanos());
      goOn.countDown();

      assertThat(first.get(30, TimeUnit.SECONDS).tokenIds()).hasSize(6);
      assertThat(limited.get(30, TimeUnit.SECONDS).finishReason()).isEqualTo(FinishReason.DEADLINE);
    }
  }
}
