package io.proxytune.model;

/**
 * Rows of logits, one value per token id. Rows of a loaded model stay on its device until {@link
 * #row(int)} asks for a copy.
 *
 * <p><b>Threads:</b> immutable but for {@link #close()}; safe for use by several threads. A read
 * that is under way when another thread closes them ends well, and their memory is freed after it.
 */
public interface Logits extends AutoCloseable {
  /** The most logits that a row may hold: 16,777,216, many times what vocabularies have. */
  int MAX_WIDTH = 1 << 24;

  /**
   * The number of rows.
   *
   * @return the number of rows, 0 or more
   */
  int rows();

  /**
   * The number of logits in a row.
   *
   * @return the width, from 1 to {@link #MAX_WIDTH}
   */
  int width();

  /**
   * Copies a row to the heap.
   *
   * @param index the row, in {@code [0, rows())}
   * @return a new array of {@link #width()} values
   * @throws IndexOutOfBoundsException if there is no such row
   * @throws IllegalStateException if these logits are closed
   */
  float[] row(int index);

  /**
   * Frees the memory. Closing twice does nothing. Logits of a loaded model that are dropped without
   * being closed are freed, with a line in the log, when the JVM finds them to be garbage.
   */
  @Override
  void close();

  /**
   * Logits held on the heap, for an application's own {@link LogitModel}.
   *
   * @param width the number of logits in a row, from 1 to {@link #MAX_WIDTH}
   * @param rows the rows, each {@code width} long; copied
   * @return the logits
   * @throws IllegalArgumentException if the width is out of range, or a row is null or has another
   *     length
   */
  static Logits of(int width, float[]... rows) {
    return new HeapLogits(width, rows);
  }
}
