package io.proxytune;

import java.util.Iterator;

/**
 * A text that is generated as it is read: each {@code next()} of the iterator waits for one
 * decoding step, which the calling thread runs, or another that waits for a token of the same
 * models (see {@link Batching}). Between two calls the text takes part in no step, and leaves its
 * place in the batch to others.
 *
 * <p><b>Memory:</b> a text that goes on holds a KV cache of each model, until its last token is
 * read or it is cancelled or closed. Where others wait for that memory, a stream that was not read
 * for a while loses it, and the models read its text again before the next token; the text stays
 * the same but for rounding. Closing it early ends it with {@link FinishReason#CANCELLED}. A stream
 * that is dropped without either is ended and freed, with a line in the log, when the JVM finds it
 * to be garbage; that may be late, so close it.
 *
 * <p><b>Threads:</b> one thread reads at a time; another that reads meanwhile is refused with an
 * {@link IllegalStateException}, and so is a sampler, a processor or a model that reads the very
 * stream that it is called by. Any thread, and these too, may {@link #cancel()} and {@link
 * #close()}.
 */
public interface TokenStream extends Iterable<Token>, AutoCloseable {
  /**
   * The tokens not read yet. Every call returns the same iterator.
   *
   * @return the iterator
   */
  @Override
  Iterator<Token> iterator();

  /**
   * Ends the text before its next token, and frees its memory: at once, or where a thread is
   * reading, when its step is over. What was generated can still be read. May be called by any
   * thread.
   */
  void cancel();

  /**
   * Generates what is left and sums up.
   *
   * @return the whole result
   * @throws ProxyTuneException if decoding failed
   * @throws IllegalStateException if the stream is being read, or if its tuner or one of its models
   *     was closed
   */
  Generation result();

  /**
   * {@linkplain #cancel() Cancels} the text unless it has ended. Closing twice does nothing; what
   * was generated can still be read. May be called by any thread.
   */
  @Override
  void close();
}
