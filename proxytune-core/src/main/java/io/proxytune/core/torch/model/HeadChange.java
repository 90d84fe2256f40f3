package io.proxytune.core.torch.model;

import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What an adapter makes of a head: a head of its own, or a change of the product. Immutable but for
 * {@link #close()}; safe for use by several threads.
 *
 * @param own what stands for the model's
 * @param change what is changed
 */
record HeadChange(@Nullable Linear own, @Nullable LinearChange change) implements AutoCloseable {

  /** Changes {@code logits}, {@code [rows, vocabulary]}, which are what the head gives for x. */
  void applyTo(Tensor logits, Tensor x) {
    if (own != null) {
      logits.copy_(own.apply(x));
    }
    if (change != null) {
      change.applyTo(logits, x);
    }
  }

  /** Whether it is a product of low rank alone. */
  boolean isPlain() {
    return own == null && change != null && change.isPlain();
  }

  @Override
  public void close() {
    if (own != null) {
      own.close();
    }
    if (change != null) {
      change.close();
    }
  }
}
