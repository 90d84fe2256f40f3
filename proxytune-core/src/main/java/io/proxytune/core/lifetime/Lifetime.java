package io.proxytune.core.lifetime;

import static com.google.common.base.Preconditions.checkState;

import java.lang.ref.Cleaner;
import org.jspecify.annotations.Nullable;

/**
 * Guards native memory against use after close: it is freed once, when {@link #close()} was called
 * and the last user has left. Whoever touches the memory enters before and leaves after, so that
 * the check and the use are one step to all others.
 *
 * <p>Safe for use by several threads.
 */
public final class Lifetime implements AutoCloseable {
  private final String owner;
  private final Runnable free;
  private int users;
  private boolean closed;

  /** Set once, before another thread can know of this object. */
  private Cleaner.@Nullable Cleanable watch;

  /**
   * Guards memory.
   *
   * @param owner what is guarded, for messages
   * @param free frees the memory; runs once, on the thread that closes or leaves last
   */
  public Lifetime(String owner, Runnable free) {
    this.owner = owner;
    this.free = free;
  }

  /**
   * Closes this when an object that the application forgot to close is garbage, and says so. What
   * is guarded stays reachable until then, so that nothing else frees it meanwhile. Call it once,
   * at the end of the object's constructor.
   *
   * @param holder the object; what frees the memory must not reach it
   */
  public void watch(Object holder) {
    watch = Forgotten.watch(holder, owner, this::end);
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
   * Checks that it is not closed. It may be a moment later: enter to rely on it.
   *
   * @throws IllegalStateException if it is closed
   */
  public synchronized void check() {
    checkState(!closed, "%s is closed", owner);
  }

  /**
   * Checks that the memory is still there: not closed, or in use by someone who entered before.
   *
   * @throws IllegalStateException if it is not
   */
  public synchronized void requireThere() {
    checkState(!closed || users > 0, "%s is closed", owner);
  }

  @Override
  public void close() {
    end();
    if (watch != null) {
      watch.clean(); // finds it closed, and watches no longer
    }
  }

  /** Whether this call was what closed it. */
  private boolean end() {
    boolean first;
    boolean last;
    synchronized (this) {
      first = !closed;
      last = first && users == 0;
      closed = true;
    }
    if (last) {
      free.run();
    }
    return first;
  }
}
