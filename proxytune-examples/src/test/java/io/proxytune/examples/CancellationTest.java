package io.proxytune.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.examples.cli.Cancellation;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CancellationTest {
  private final FakeEngine engine = new FakeEngine();
  private final Cancellation cancellation = new Cancellation(Thread.currentThread());

  @AfterEach
  void forgetTheInterrupt() {
    Thread.interrupted();
  }

  private CliRun run(String options) {
    String[] args = ("generate --base b --prompt p " + options).strip().split(" ");
    return CliRun.of(engine, cancellation, "", false, args);
  }

  @Test
  void aStreamIsCancelledWithStatus130AndEverythingIsFreed() {
    engine.tuner.atSecondToken = cancellation::cancel;
    CliRun run = run("");
    assertThat(engine.tuner.isCancelled()).isTrue();
    assertThat(run.status()).isEqualTo(130);
    assertThat(run.err()).isEmpty();
    assertThat(engine.closed).containsExactly("stream", "tuner", "b");
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
  }

  @Test
  void aCancelledRequestPrintsNoJson() {
    engine.tuner.atSecondToken = cancellation::cancel;
    CliRun run = run("--json");
    assertThat(run.status()).isEqualTo(130);
    assertThat(run.out()).isEmpty();
  }

  @Test
  void otherRequestsAreInterrupted() {
    engine.tuner.atRequest =
        () -> {
          cancellation.cancel();
          assertThat(Thread.currentThread().isInterrupted()).isTrue();
        };
    CliRun run = run("--n 2 --json");
    assertThat(run.status()).isEqualTo(130);
    assertThat(run.out()).isEmpty();
    assertThat(engine.closed).containsExactly("tuner", "b");
  }

  @Test
  void anErrorThatTheInterruptCausedIsNoError() {
    engine.tuner.atRequest =
        () -> {
          cancellation.cancel();
          throw new IllegalStateException("a lock was interrupted");
        };
    CliRun run = run("--n 2");
    assertThat(run.status()).isEqualTo(130);
    assertThat(run.err()).isEmpty();
  }

  @Test
  void loadingStopsAtTheNextTensor() {
    cancellation.cancel();
    assertThat(run("").status()).isEqualTo(130);
    assertThat(engine.loads).isEmpty();
  }
}
