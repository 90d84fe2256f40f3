package io.proxytune.core.torch.model;

import io.proxytune.core.torch.TorchScope;

/** Works on a matrix a few rows at a time, so that what is made on the way stays small. */
final class RowChunks {
  /** A multiple of every block of rows in which a kernel may lay a weight out. */
  private static final long ROWS = 1024;

  /** Work on the rows {@code [first, first + count)}. */
  interface Work {
    void on(long first, long count);
  }

  private RowChunks() {}

  /** Each chunk in a scope of its own; no result may leave it but by being copied. */
  static void each(long rows, Work work) {
    each(rows, ROWS, work);
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
