package io.proxytune.core.tuner;

import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.core.ensemble.FakeModel;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Requests of several threads, of which the first stays in its first pass until it may go on. */
final class HeldRequests {
  static final GenerationOptions OPTIONS =
      GenerationOptions.defaults().withMaxNewTokens(6).withIgnoreEndOfText(true);

  final TunerFixture fixture = new TunerFixture();
  final FakeModel base = FakeModel.hashed("base", 1).sharingPasses();
  private final ExecutorService callers = Executors.newCachedThreadPool();
  private final CountDownLatch inFirstPass = new CountDownLatch(1);
  private final CountDownLatch goOn = new CountDownLatch(1);

  static Prompt prompt(int i) {
    return Prompt.ofIds(5 + i, 6, 7 + 2 * i);
  }

  void assertNothingOpen() {
    callers.shutdownNow();
    fixture.assertNothingOpen();
  }

  /** Lets a model's passes wait until the test lets them go on. */
  void hold(FakeModel model) {
    hold(model, () -> {});
  }

  /** The same, with what a pass does before it waits. */
  void hold(FakeModel model, Runnable first) {
    model.beforePass(
        pass -> {
          first.run();
          inFirstPass.countDown();
          await(goOn);
        });
  }

  /** A request to a model that is held, which is in its first pass. */
  <T> Future<T> first(Callable<T> request) throws InterruptedException {
    Future<T> first = callers.submit(request);
    await(inFirstPass);
    return first;
  }

  /** A request whose first pass by the base waits until the test lets it go on. */
  Future<Generation> held(DefaultProxyTuner tuner) throws InterruptedException {
    hold(base);
    return first(() -> tuner.generate(prompt(0), OPTIONS));
  }

  <T> Future<T> submit(Callable<T> request) {
    return callers.submit(request);
  }

  /** A request that waits for its first token, as all before it do. */
  Future<Generation> beside(DefaultProxyTuner tuner, Callable<Generation> request)
      throws InterruptedException {
    int before = tuner.waiting();
    Future<Generation> future = callers.submit(request);
    awaitWaiting(tuner, before + 1);
    return future;
  }

  void goOn() {
    goOn.countDown();
  }

  static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  static <T> T get(Future<T> future) throws Exception {
    return future.get(30, TimeUnit.SECONDS);
  }

  static void awaitWaiting(DefaultProxyTuner tuner, int readers) throws InterruptedException {
    for (int i = 0; i < 3000 && tuner.waiting() < readers; i++) {
      Thread.sleep(5);
    }
    assertThat(tuner.waiting()).isEqualTo(readers);
  }

  static int mostTogether(FakeModel model) {
    return model.passes().stream().mapToInt(List::size).max().orElse(0);
  }
}
