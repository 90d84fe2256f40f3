package io.proxytune.examples.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.LogitSource;
import io.proxytune.Tokenizer;
import io.proxytune.core.tokenizer.CheckpointTokenizer;
import io.proxytune.examples.TinyCheckpoint;
import io.proxytune.model.FunctionLogitSource;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Servers of a model that always says the same word, as slowly as a test likes. */
final class PacedServers {
  static final String PATH = "/v1/completions";
  static final long PATIENCE_SECONDS = 30;

  /** A request that comes to no end by itself, with a place for more parameters. */
  static final String ENDLESS = "{'prompt':'the','max_tokens':90000%s}";

  private static final int THE = TinyCheckpoint.WORDS.indexOf("the");

  private final Tokenizer tokenizer;
  private volatile Runnable atStep = () -> {};
  private volatile CountDownLatch begun = new CountDownLatch(1);

  PacedServers(Path folder) {
    tokenizer = CheckpointTokenizer.open(TinyCheckpoint.write(folder, 1));
  }

  /** Says what happens where the model reads a token from now on. */
  void atStep(Runnable action) {
    atStep = action;
  }

  /** Forgets that the model has read anything. */
  void notBegun() {
    begun = new CountDownLatch(1);
  }

  void awaitBegin() {
    await(begun);
  }

  LogitSource model(String name) {
    float[] row = new float[TinyCheckpoint.WORDS.size()];
    row[THE] = 5;
    return FunctionLogitSource.of(
            name,
            row.length,
            100_000,
            ids -> {
              atStep.run();
              begun.countDown();
              return row;
            })
        .withTokenizer(tokenizer);
  }

  RunningServer start(ServerLimits limits) {
    return start(ApiKeys.none(), limits);
  }

  RunningServer start(ApiKeys keys, ServerLimits limits) {
    return RunningServer.of(RunningServer.settings(keys, limits, null), model("said"));
  }

  static ServerLimits limits(int requests, int queued, Duration arrival, Duration grace) {
    ServerLimits usual = ServerLimits.USUAL;
    return new ServerLimits(
        requests, queued, 20_000, 16_384, arrival, usual.idle(), usual.reading(), grace, 20);
  }

  static ServerLimits few() {
    return limits(2, 2, Duration.ofSeconds(10), Duration.ofSeconds(1));
  }

  static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the request is to end
    }
  }

  static void await(BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).isLessThan(end);
      Thread.sleep(5);
    }
  }
}
