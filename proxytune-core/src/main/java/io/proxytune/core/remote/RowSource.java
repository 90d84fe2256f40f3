package io.proxytune.core.remote;

/** How a kind of server is asked for a row. Implementations are safe for use by several threads. */
interface RowSource {
  /** How many rows may be asked for at once. */
  int slots();

  /**
   * Asks for the row behind some tokens.
   *
   * @param ids the tokens, at least one
   * @param slot the place of the sequence, from 0 to {@link #slots()}
   * @param width how many ids the row has
   * @param count how many of them are wanted, the likeliest first
   */
  Exchange<Row> ask(int[] ids, int slot, int width, int count);

  /** What was asked so far. */
  Counters counters();
}
