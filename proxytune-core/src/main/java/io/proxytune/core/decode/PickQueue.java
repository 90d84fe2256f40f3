package io.proxytune.core.decode;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * What was picked for one text and not taken yet, or where the application's code picks, the rows
 * that it picks from. For one thread at a time.
 */
final class PickQueue implements AutoCloseable {
  private final Queue<Picked> picked = new ArrayDeque<>();
  private @Nullable RuntimeException fault; // why no token follows those that were picked
  private boolean stopped; // no token follows those that were picked, and the text ends
  private @Nullable PickRows rows;
  private @Nullable Verification verification; // for which the rows are

  void add(Picked next) {
    picked.add(next);
  }

  /** No token can be picked behind those that were. */
  void fail(RuntimeException why) {
    fault = why;
  }

  /** The text ends behind those that were picked. */
  void stop() {
    stopped = true;
  }

  /** Whether no token can be picked behind those that were. */
  boolean isFaulty() {
    return fault != null || stopped;
  }

  /** Whether the text ends now. */
  boolean endsHere() {
    return stopped && picked.isEmpty();
  }

  /** Tokens are picked from these rows when they are taken. */
  void pickLater(PickRows ownRows, Verification own) {
    own.startAt(0);
    rows = ownRows;
    verification = own;
  }

  boolean hasNext() {
    return !picked.isEmpty() || isFaulty() || rows != null;
  }

  /**
   * Takes the next one, which may run the application's code.
   *
   * @throws io.proxytune.ModelException if no token can be picked
   */
  Picked next() {
    if (picked.isEmpty() && rows != null && verification != null) {
      rows.pick(List.of(verification));
      if (!verification.goesOn()) {
        closeRows();
      }
    }
    if (picked.isEmpty() && fault != null) {
      throw fault;
    }
    return picked.remove();
  }

  private void closeRows() {
    PickRows old = rows;
    rows = null;
    verification = null;
    if (old != null) {
      old.close();
    }
  }

  @Override
  public void close() {
    picked.clear();
    stopped = false;
    closeRows();
  }
}
