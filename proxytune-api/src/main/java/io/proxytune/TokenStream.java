package io.proxytune;

import java.util.Iterator;

/**
 * A text that is generated as it is read: each {@code next()} of the iterator runs one decoding
 * step on the calling thread.
 *
 * <p><b>Threads:</b> one thread reads; any thread may {@link #cancel()}. Close it to free its
 * memory; closing it early ends the text with {@link FinishReason#CANCELLED}.
 */
public interface TokenStream extends Iterable<Token>, AutoCloseable {
  /**
   * The tokens not read yet. Every call returns the same iterator.
   *
   * @return the iterator
   */
  @Override
  Iterator<Token> iterator();

  /** Ends the text before its next token; may be called by any thread. */
  void cancel();

  /**
   * Generates what is left and sums up.
   *
   * @return the whole result
   * @throws ProxyTuneException if decoding failed
   */
  Generation result();

  /** Frees the sessions. Closing twice does nothing. */
  @Override
  void close();
}
