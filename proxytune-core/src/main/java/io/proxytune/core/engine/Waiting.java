package io.proxytune.core.engine;

import java.util.concurrent.locks.Condition;
import org.jspecify.annotations.Nullable;

/** A reader that waits for an engine. Guarded by the engine's lock but for what says otherwise. */
final class Waiting {
  /** Wakes it: it is ready, or is to run steps. */
  @Nullable Condition wake;

  /** Its place in the order of arrival; 0 before it came first. */
  long number;

  /** Whether it waits for the end, and the one that runs steps takes its tokens. */
  boolean untilEnd;

  /** Whether there is something for it. */
  boolean ready;

  /** When it gives up waiting to begin, by the system's clock. */
  @Nullable Long giveUpAt;

  /** The step that it is expected for, since it usually comes back at once. */
  long expectedFor;

  /** Whether it came back in time when it was last given a token. */
  boolean isPrompt = true;

  /** When it was last given a token, by the system's clock. */
  long leftAt;

  private volatile @Nullable Thread thread;
  private volatile boolean interrupted;

  void arrive(Thread current) {
    thread = current;
    interrupted = false;
  }

  /** The thread's interrupt was taken from it for as long as it waits. */
  void interrupt() {
    interrupted = true;
  }

  /** Whether the thread is interrupted; any thread may ask. */
  boolean isInterrupted() {
    Thread current = thread;
    return interrupted || (current != null && current.isInterrupted());
  }

  /** Gives an interrupt back to the thread, which no longer waits. */
  void leave() {
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    thread = null;
  }
}
