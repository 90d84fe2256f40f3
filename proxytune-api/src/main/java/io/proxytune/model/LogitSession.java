package io.proxytune.model;

/**
 * One sequence of tokens and its KV cache, made by {@link LogitModel#newSession(int)}.
 *
 * <p><b>Threads:</b> a session belongs to one thread at a time; use by two at once is refused with
 * an {@link IllegalStateException}. {@link #position()}, {@link #capacity()}, {@link #source()} and
 * {@link #close()} may be called by any thread at any time.
 */
public interface LogitSession extends AutoCloseable {
  /**
   * The source that opened this session.
   *
   * @return the source
   */
  LogitModel source();

  /**
   * The number of tokens held, which is the position of the next one.
   *
   * @return the position, from 0 to {@link #capacity()}
   */
  int position();

  /**
   * The number of tokens that fit.
   *
   * @return the capacity in tokens
   */
  int capacity();

  /**
   * Forgets the tokens from {@code position} on, in constant time.
   *
   * @param position the new position, from 0 to {@link #position()}
   * @throws IllegalArgumentException if the position is out of range
   * @throws IllegalStateException if the session is closed or in use
   */
  void truncate(int position);

  /**
   * Makes a session that holds the same tokens; both go their own ways from here. They may share
   * the memory of these tokens, which is freed when the last one is closed.
   *
   * @param capacity the new session's number of tokens, from {@link #position()} to the source's
   *     context length
   * @return the new session; the caller closes it
   * @throws IllegalArgumentException if the capacity is out of range
   * @throws IllegalStateException if the session or its source is closed or in use
   */
  LogitSession fork(int capacity);

  /**
   * Makes a session that holds the first of this one's tokens; both go their own ways from here.
   *
   * @param tokens how many it holds, from 0 to {@link #position()}
   * @param capacity the new session's number of tokens, from {@code tokens} to the source's context
   *     length; where a session does not say otherwise, it gets the room for all of this one's
   * @return the new session; the caller closes it
   * @throws IllegalArgumentException if one of the numbers is out of range
   * @throws IllegalStateException if the session or its source is closed or in use
   */
  default LogitSession fork(int tokens, int capacity) {
    LogitSession fork = fork(Math.max(capacity, position()));
    try {
      fork.truncate(tokens);
      return fork;
    } catch (RuntimeException | Error e) {
      fork.close();
      throw e;
    }
  }

  /**
   * Makes a {@linkplain #fork(int, int) fork} that shares no memory with this session, where forks
   * do: for one that is to outlive this one.
   *
   * @param tokens how many of the first tokens it holds, from 0 to {@link #position()}
   * @param capacity the new session's number of tokens, from {@code tokens} to the source's context
   *     length
   * @return the new session; the caller closes it
   * @throws IllegalArgumentException if one of the numbers is out of range
   * @throws IllegalStateException if the session or its source is closed or in use
   */
  default LogitSession copy(int tokens, int capacity) {
    return fork(tokens, capacity);
  }

  /**
   * Frees the KV cache: at once, or where a pass is under way, after it. Closing twice does
   * nothing. ProxyTune closes a session on another thread than it was used by where a text is
   * cancelled, or its stream was dropped. A loaded model's session that is dropped without being
   * closed is freed, with a line in the log, when the JVM finds it to be garbage.
   */
  @Override
  void close();
}
