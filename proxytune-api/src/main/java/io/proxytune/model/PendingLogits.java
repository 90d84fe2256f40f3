package io.proxytune.model;

import java.util.function.BooleanSupplier;

/**
 * The rows of a forward pass that was {@linkplain LogitModel#begin begun}. The sessions of the pass
 * are in use until it was awaited or closed.
 *
 * <p><b>Threads:</b> for one thread at a time, which need not be the one that began the pass.
 */
public interface PendingLogits extends AutoCloseable {
  /**
   * Waits for the rows; at most once.
   *
   * @param givenUp whether nobody wants them any more, asked again and again while the pass is
   *     under way, on this thread
   * @return what {@link LogitModel#forward} returns; the caller closes it
   * @throws java.util.concurrent.CancellationException if they were given up, or this thread was
   *     interrupted, which it stays; no session has moved then
   */
  Logits await(BooleanSupplier givenUp);

  /** Gives the pass up, unless it was awaited; no session has moved then. Never fails. */
  @Override
  void close();

  /**
   * The rows of a pass that is over.
   *
   * @param logits its rows, which are closed with the result unless they are awaited
   * @return rows that nobody has to wait for
   */
  static PendingLogits of(Logits logits) {
    return new ReadyLogits(logits);
  }
}
