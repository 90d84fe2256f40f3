package io.proxytune.examples;

import java.util.concurrent.CancellationException;
import java.util.function.Supplier;

/**
 * The wish to end a command early. One worker thread runs the command; any thread may {@link
 * #cancel()}.
 */
final class Cancellation {
  private final Thread worker;
  private boolean requested;
  private Runnable action;

  Cancellation(Thread worker) {
    this.worker = worker;
    this.action = worker::interrupt;
  }

  /** Ends what the worker does at its next step. */
  synchronized void cancel() {
    requested = true;
    action.run();
  }

  synchronized boolean isRequested() {
    return requested;
  }

  /** Called by the worker where it can stop. */
  void throwIfRequested() {
    if (isRequested()) {
      throw new CancellationException("interrupted");
    }
  }

  /** Runs the worker's task, which {@code stop} ends in a gentler way than an interrupt. */
  <T> T cancellingWith(Runnable stop, Supplier<T> task) {
    begin(stop);
    try {
      return task.get();
    } finally {
      end();
    }
  }

  private synchronized void begin(Runnable stop) {
    throwIfRequested();
    action = stop;
  }

  private synchronized void end() {
    action = worker::interrupt;
  }
}
