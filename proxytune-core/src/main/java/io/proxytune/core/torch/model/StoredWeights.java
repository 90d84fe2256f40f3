package io.proxytune.core.torch.model;

import io.proxytune.core.decoder.StoredRows;
import org.bytedeco.pytorch.Tensor;

/** Takes the rows of a linear layer out of what is stored. */
final class StoredWeights {
  private StoredWeights() {}

  /**
   * The layer's matrix of a stored one.
   *
   * @param stored {@code [rows, in]} or {@code [in, rows]}
   * @return {@code [out, in]}, often a view
   */
  static Tensor matrix(Tensor stored, StoredRows rows) {
    return rows(rows.transposed() ? stored.t() : stored, rows);
  }

  /** The layer's of the first dimension of {@code [rows, …]}. */
  static Tensor rows(Tensor all, StoredRows rows) {
    if (rows.rows() == rows.total()) {
      return all;
    }
    if (rows.blocks() == 1) {
      return all.narrow(0, rows.first(), rows.count());
    }
    return all.unflatten(0, new long[] {rows.blocks(), -1})
        .narrow(1, rows.first(), rows.count())
        .flatten(0, 1);
  }
}
