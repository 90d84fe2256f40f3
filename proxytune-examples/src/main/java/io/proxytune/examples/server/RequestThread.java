package io.proxytune.examples.server;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A request that can be ended from outside: the thread that works on it is interrupted, and only as
 * long as it does. Any thread may end it.
 */
final class RequestThread {
  private @Nullable Thread worker;
  private boolean ended;

  /** What the thread does. */
  interface Work {
    void run() throws IOException;
  }

  /** Works on the request with this thread, unless it was ended before. */
  void run(Work work) throws IOException {
    if (!begin()) {
      throw new CutOffException();
    }
    try {
      work.run();
    } finally {
      end();
    }
  }

  private synchronized boolean begin() {
    worker = ended ? null : Thread.currentThread();
    return !ended;
  }

  private synchronized void end() {
    worker = null;
    Thread.interrupted(); // the next request of this thread is not meant
  }

  /** Ends the request at its next step. */
  synchronized void interrupt() {
    ended = true;
    if (worker != null) {
      worker.interrupt();
    }
  }

  synchronized boolean isEnded() {
    return ended;
  }
}
