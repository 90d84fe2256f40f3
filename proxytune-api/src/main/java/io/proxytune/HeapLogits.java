package io.proxytune;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkElementIndex;
import static com.google.common.base.Preconditions.checkState;

/** Logits in arrays of the JVM. */
final class HeapLogits implements Logits {
  private final int width;
  private final float[][] rows;
  private volatile boolean closed;

  HeapLogits(int width, float[][] rows) {
    checkArgument(width >= 1, "width must be >= 1, got %s", width);
    this.width = width;
    this.rows = new float[rows.length][];
    for (int i = 0; i < rows.length; i++) {
      checkArgument(
          rows[i].length == width, "row %s must hold %s logits, got %s", i, width, rows[i].length);
      this.rows[i] = rows[i].clone();
    }
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
    return rows[checkElementIndex(index, rows.length, "row")].clone();
  }

  @Override
  public void close() {
    closed = true;
  }
}
