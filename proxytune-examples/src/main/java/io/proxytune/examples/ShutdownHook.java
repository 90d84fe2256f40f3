package io.proxytune.examples;

import io.proxytune.examples.cli.Cancellation;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Turns Ctrl-C into a cancellation and holds the end of the process until the models are freed. The
 * JVM itself gives the process the exit status 130.
 */
final class ShutdownHook implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 10;

  private final Cancellation cancellation;
  private final CountDownLatch finished = new CountDownLatch(1);
  private final Thread thread = new Thread(this::cancelAndWait, "proxytune-shutdown");

  private ShutdownHook(Cancellation cancellation) {
    this.cancellation = cancellation;
  }

  static ShutdownHook install(Cancellation cancellation) {
    ShutdownHook hook = new ShutdownHook(cancellation);
    Runtime.getRuntime().addShutdownHook(hook.thread);
    return hook;
  }

  Cancellation cancellation() {
    return cancellation;
  }

  private void cancelAndWait() {
    cancellation.cancel();
    try {
      finished.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    finished.countDown();
    if (!cancellation.isRequested()) {
      remove();
    }
  }

  private void remove() {
    try {
      Runtime.getRuntime().removeShutdownHook(thread);
    } catch (IllegalStateException shutdownHasBegun) {
      // Then the hook runs now, and finds that all is done.
    }
  }
}
