package io.proxytune.core.sampling;

import java.util.List;

/**
 * Picks from rows that are there already, some now and some later: a row is judged when it is
 * picked from, so that rows which nobody picks from may hold anything. For one thread at a time.
 */
public interface RowPicks extends AutoCloseable {
  /**
   * Picks a token from each of some rows, as {@link LogitMath#pick} does. The states are not
   * changed.
   *
   * @param rows the rows' indices
   * @param states the state of each row's sequence
   * @return one id a row
   * @throws io.proxytune.ModelException if one of these rows holds NaN or +∞, or every token is
   *     banned; it names the row by its index in {@code rows}
   */
  int[] pick(int[] rows, List<? extends SamplerState> states);

  /** Frees the memory; the logits stay open. Closing twice does nothing. */
  @Override
  void close();
}
