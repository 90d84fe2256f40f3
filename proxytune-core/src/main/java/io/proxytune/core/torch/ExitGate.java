package io.proxytune.core.torch;

import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the process from ending inside of native work.
 *
 * <p>When a JVM ends, it does not wait for threads in native code for long, and then LibTorch is
 * taken apart under those that still are there: the process crashes instead of ending as it was
 * told. A pass of a large model, or a step of training, takes longer. So a shutdown hook waits for
 * the work that runs, and what comes behind it is held up, until the JVM is gone.
 *
 * <p>If it is not gone soon, hooks of the application run, which may need more work, such as to let
 * requests come to their end. Then work goes on, and the application's hooks are what sees to its
 * end.
 *
 * <p>Safe for use by several threads.
 */
final class ExitGate {
  private final Duration patience;
  private final Duration hold;
  private int running;
  private boolean shut;
  private long shutAt;

  /**
   * Opens a gate.
   *
   * @param patience how long the end of the JVM waits at most for work that runs
   * @param hold how long work that comes behind it is held up
   */
  ExitGate(Duration patience, Duration hold) {
    this.patience = patience;
    this.hold = hold;
  }

  /** Does work; when the JVM ends, a while later. */
  <T extends @Nullable Object> T pass(Supplier<T> work) {
    enter();
    try {
      return work.get();
    } finally {
      leave();
    }
  }

  private synchronized void enter() {
    while (shut && left(shutAt, hold) > 0) {
      waitFor(left(shutAt, hold));
    }
    running++;
  }

  private synchronized void leave() {
    running--;
    notifyAll();
  }

  /** The shutdown hook's task: holds up what comes, and waits for what runs. */
  synchronized void close() {
    long now = System.nanoTime();
    shut = true;
    shutAt = now;
    while (running > 0 && left(now, patience) > 0) {
      waitFor(left(now, patience));
    }
    shutAt = System.nanoTime(); // from here on the JVM may be gone at any time
  }

  private static long left(long since, Duration most) {
    return most.toNanos() - (System.nanoTime() - since);
  }

  @SuppressWarnings("WaitNotInLoop") // who calls this has the loop
  private void waitFor(long nanos) {
    try {
      wait(Math.max(1, nanos / 1_000_000));
    } catch (InterruptedException e) {
      // The JVM ends in any case.
    }
  }
}
