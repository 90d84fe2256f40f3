package io.proxytune.examples.cli;

import java.util.concurrent.CancellationException;
import java.util.function.Supplier;

/**
 * The wish to end a command early. One worker thread runs the command; any thread may {@link
 * #cancel()}.
 */
public final class Cancellation {
  private final Thread worker;
  private boolean requested;
  private Runnable action;

  public Cancellation(Thread worker) {
    this.worker = worker;
    this.action = worker::interrupt;
  }

  /** Ends what the worker does at its next step. */
  public synchronized void cancel() {
    requested = true;
    action.run();
  }

  public synchronized boolean isRequested() {
    return requested;
  }

  /** Called by the worker where it can stop. */
  public void throwIfRequested() {
    if (isRequested()) {
      throw new CancellationException("interrupted");
    }
  }

  /** Runs the worker's task, which {@code stop} ends in a gentler way than an interrupt. */
  public <T> T cancellingWith(Runnable stop, Supplier<T> task) {
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
