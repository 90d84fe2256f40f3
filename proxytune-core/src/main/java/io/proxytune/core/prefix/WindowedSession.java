package io.proxytune.core.prefix;

import io.proxytune.model.LogitSession;

/**
 * A session that may keep no more of its first tokens than is needed to go on behind its last ones.
 * It still gives copies and forks of fewer tokens, which read again what they lack.
 */
public interface WindowedSession extends LogitSession {
  /**
   * Whether a copy with the first tokens has nothing to read again. Where one has nothing, those
   * with more tokens haven't either.
   *
   * @param tokens how many first tokens, from 0 to {@link #position()}
   * @return whether all is there that the next token behind them sees
   */
  boolean holds(int tokens);

  /**
   * The same of any session; those that are no windowed ones hold all.
   *
   * @param session a session
   * @param tokens how many first tokens, from 0 to its position
   * @return whether a copy with them has nothing to read again
   */
  static boolean holds(LogitSession session, int tokens) {
    return !(session instanceof WindowedSession windowed) || windowed.holds(tokens);
  }
}
