package io.proxytune.core.training;

import com.google.common.util.concurrent.Uninterruptibles;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Asks a training to stop when the JVM is told to end, and has the JVM wait until it has: a step
 * that is under way comes to its end, and the state is saved. Safe for use by several threads.
 */
final class ExitStop implements AutoCloseable {
  /** Those who end processes lose patience about then, too. */
  private static final long PATIENCE_SECONDS = 30;

  private final CountDownLatch ended = new CountDownLatch(1);
  private final Thread hook = new Thread(null, this::stop, "proxytune-training-exit", 0, false);
  private volatile boolean requested;

  private ExitStop() {}

  /** Begins to listen; to be closed when the training has ended. */
  static ExitStop listen() {
    ExitStop exit = new ExitStop();
    try {
      Runtime.getRuntime().addShutdownHook(exit.hook);
    } catch (IllegalStateException theJvmEnds) {
      exit.requested = true;
    }
    return exit;
  }

  /** Whether the JVM ends. */
  boolean isRequested() {
    return requested;
  }

  private void stop() {
    requested = true;
    var unused = Uninterruptibles.awaitUninterruptibly(ended, PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    ended.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook); // it would keep this library's class loader
    } catch (IllegalStateException theJvmEnds) {
      // Then it runs, and has just been told.
    }
  }
}
