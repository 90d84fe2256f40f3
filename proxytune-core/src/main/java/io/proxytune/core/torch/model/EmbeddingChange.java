package io.proxytune.core.torch.model;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * What an adapter makes of an embedding's rows, before their factor: rows of its own, or {@code
 * factor · row} and a product of low rank. Immutable but for {@link #close()}; safe for use by
 * several threads.
 *
 * @param table {@code [vocabulary, size]}: the rows of its own
 * @param factor {@code [size]}, float32: of magnitudes (DoRA)
 * @param added what is added, {@code [vocabulary, rank]} times {@code [rank, size]}
 */
record EmbeddingChange(@Nullable Tensor table, @Nullable Tensor factor, @Nullable LowRank added)
    implements AutoCloseable {

  /** Changes {@code rows}, {@code [tokens, size]}, which are those of the ids. */
  void applyTo(Tensor rows, Tensor ids) {
    if (table != null) {
      rows.copy_(torch.index_select(table, 0, ids));
    }
    if (factor != null) {
      rows.mul_(factor);
    }
    if (added != null) {
      rows.addmm_(torch.index_select(added.down(), 0, ids), added.up());
    }
  }

  @Override
  public void close() {
    if (table != null) {
      table.close();
    }
    if (factor != null) {
      factor.close();
    }
    if (added != null) {
      added.close();
    }
  }
}
