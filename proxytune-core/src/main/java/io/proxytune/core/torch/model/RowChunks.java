package io.proxytune.core.torch.model;

import io.proxytune.core.torch.TorchScope;
import org.bytedeco.pytorch.Tensor;

/** Works on a matrix a few rows at a time, so that what is made on the way stays small. */
final class RowChunks {
  /** A multiple of most blocks of rows in which kernels lay weights out. */
  static final long BLOCK = 64;

  /**
   * So many numbers at once: enough for all threads; and what is made of them on the way is small
   * enough for the C library to give the same memory again, where it would ask the system for
   * larger ones each time, which clears them first. Twice as many were measured to take 5 times as
   * long.
   */
  private static final long NUMBERS = 1 << 20;

  /** Work on the rows {@code [first, first + count)}. */
  interface Work {
    void on(long first, long count);
  }

  private RowChunks() {}

  /**
   * Each chunk in a scope of its own; no result may leave it but by being copied.
   *
   * @param matrix {@code [rows, any]}; every chunk but the last has a multiple of 64 of its rows
   */
  static void each(Tensor matrix, Work work) {
    each(matrix, BLOCK, work);
  }

  /** The same; every chunk but the last has a multiple of so many rows. */
  static void each(Tensor matrix, long block, Work work) {
    long width = Math.max(1, matrix.size(1));
    each(matrix.size(0), Math.max(1, NUMBERS / (width * block)) * block, work);
  }

  /** The same, at most so many rows at a time. */
  static void each(long rows, long atOnce, Work work) {
    for (long first = 0; first < rows; first += atOnce) {
      try (TorchScope scope = TorchScope.open()) {
        work.on(first, Math.min(atOnce, rows - first));
      }
    }
  }
}
