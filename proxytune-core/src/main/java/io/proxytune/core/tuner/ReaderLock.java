package io.proxytune.core.tuner;

import static com.google.common.base.Preconditions.checkState;

import org.jspecify.annotations.Nullable;

/**
 * Lets one thread at a time at a text, and knows which. A reader never waits for another reader:
 * that one may be in the application's code, which may be waiting for the first. It waits only
 * where another thread ends the text or takes its memory, which runs no model.
 */
final class ReaderLock {
  private @Nullable Thread holder;
  private boolean shortly;

  /**
   * Takes it to read; pair it with {@link #unlock()}.
   *
   * @throws IllegalStateException if a thread reads, this one included
   */
  synchronized void lockToRead() {
    waitForOthers();
    checkState(
        holder != Thread.currentThread(),
        "this token stream is being read by this very call: what is called while it decodes, such"
            + " as a sampler, a processor or a model, may cancel or close it, but not read it");
    checkState(
        holder == null,
        "this token stream is being read by another thread: one thread reads a stream, others may"
            + " only cancel or close it");
    holder = Thread.currentThread();
  }

  private void waitForOthers() {
    boolean interrupted = false;
    while (shortly && holder != Thread.currentThread()) {
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

  /** Takes it for what runs no model, unless a thread has it; pair it with {@link #unlock()}. */
  synchronized boolean tryLockUnlessRead() {
    if (holder != null) {
      return false;
    }
    holder = Thread.currentThread();
    shortly = true;
    return true;
  }

  synchronized void unlock() {
    holder = null;
    shortly = false;
    notifyAll();
  }
}
