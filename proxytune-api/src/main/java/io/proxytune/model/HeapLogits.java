package io.proxytune.model;

import static io.proxytune.internal.Checks.checkArgument;
import static io.proxytune.internal.Checks.checkState;

/** Logits in arrays of the JVM. */
final class HeapLogits implements Logits {
  private final int width;
  private final float[][] rows;
  private volatile boolean closed;

  HeapLogits(int width, float[][] rows) {
    this.width = checkWidth(width);
    this.rows = new float[rows.length][];
    for (int i = 0; i < rows.length; i++) {
      float[] row = rows[i];
      checkArgument(row != null, "row %s must hold %s logits, got null", i, width);
      checkArgument(
          row.length == width, "row %s must hold %s logits, got %s", i, width, row.length);
      this.rows[i] = row.clone();
    }
  }

  static int checkWidth(int width) {
    checkArgument(width >= 1, "width must be >= 1, got %s", width);
    checkArgument(width <= MAX_WIDTH, "width must be <= %s, got %s", MAX_WIDTH, width);
    return width;
  }

  @Override
  public int rows() {
    return rows.length;
  }

  @Override
  public int width() {
    return width;
  }

  @Override
  public float[] row(int index) {
    checkState(!closed, "these logits are closed");
    if (index < 0 || index >= rows.length) {
      throw new IndexOutOfBoundsException(
          "row (" + index + ") must be >= 0 and < the number of rows (" + rows.length + ")");
    }
    return rows[index].clone();
  }

  @Override
  public void close() {
    closed = true;
  }
}
