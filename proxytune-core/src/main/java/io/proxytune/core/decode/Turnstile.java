package io.proxytune.core.decode;

import static com.google.common.base.Preconditions.checkState;

import org.jspecify.annotations.Nullable;

/**
 * Lets one thread at a time at a text, and knows which. A reader never waits for another reader:
 * that one may be in the application's code, which may be waiting for the first. It waits only
 * where another thread ends the text, which runs no model.
 */
final class Turnstile {
  private @Nullable Thread inside;
  private boolean ending;

  /**
   * Enters to read; pair it with {@link #leave()}.
   *
   * @throws IllegalStateException if a thread reads, this one included
   */
  synchronized void enterToRead() {
    waitForTheEnd();
    checkState(
        inside != Thread.currentThread(),
        "this token stream is being read by this very call: what is called while it decodes, such"
            + " as a sampler, a processor or a model, may cancel or close it, but not read it");
    checkState(
        inside == null,
        "this token stream is being read by another thread: one thread reads a stream, others may"
            + " only cancel or close it");
    inside = Thread.currentThread();
  }

  private void waitForTheEnd() {
    boolean interrupted = false;
    while (ending && inside != Thread.currentThread()) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true; // the wait is short
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Enters to end the text, unless a thread is inside; pair it with {@link #leave()}. */
  synchronized boolean tryEnterToEnd() {
    if (inside != null) {
      return false;
    }
    inside = Thread.currentThread();
    ending = true;
    return true;
  }

  synchronized void leave() {
    inside = null;
    ending = false;
    notifyAll();
  }
}
