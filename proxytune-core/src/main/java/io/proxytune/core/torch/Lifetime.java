package io.proxytune.core.torch;

import static com.google.common.base.Preconditions.checkState;

/**
 * Guards native memory against use after close: it is freed when {@link #close()} was called and
 * the last user has left. Safe for use by several threads.
 */
public final class Lifetime implements AutoCloseable {
  private final String owner;
  private final Runnable free;
  private int users;
  private boolean closed;

  /**
   * Guards memory.
   *
   * @param owner what is guarded, for messages
   * @param free frees the memory; runs once
   */
  public Lifetime(String owner, Runnable free) {
    this.owner = owner;
    this.free = free;
  }

  /**
   * Enters for use; pair it with {@link #leave()}.
   *
   * @throws IllegalStateException if it is closed
   */
  public synchronized void enter() {
    checkState(!closed, "%s is closed", owner);
    users++;
  }

  /**
   * Enters as the only user; pair it with {@link #leave()}.
   *
   * @throws IllegalStateException if it is closed or in use
   */
  public synchronized void enterAlone() {
    checkState(!closed, "%s is closed", owner);
    checkState(
        users == 0, "%s is in use by another thread: a session belongs to one at a time", owner);
    users++;
  }

  /** Leaves after use. */
  public void leave() {
    boolean last;
    synchronized (this) {
      users--;
      last = closed && users == 0;
    }
    if (last) {
      free.run();
    }
  }

  /**
   * Checks that it is not closed.
   *
   * @throws IllegalStateException if it is closed
   */
  public synchronized void check() {
    checkState(!closed, "%s is closed", owner);
  }

  @Override
  public void close() {
    boolean last;
    synchronized (this) {
      last = !closed && users == 0;
      closed = true;
    }
    if (last) {
      free.run();
    }
  }
}
