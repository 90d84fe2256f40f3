package io.proxytune.core.torch.model;

import org.bytedeco.pytorch.Tensor;

/**
 * A weight rounded to few bits. A row of a product does not depend on the rows beside it. Immutable
 * but for {@link #close()}; safe for use by several threads.
 */
interface QuantizedWeight extends AutoCloseable {
  /** {@code x} is {@code [tokens, in]}; the result, {@code x Wᵀ}, is new and in x's dtype. */
  Tensor multiply(Tensor x);

  @Override
  void close();
}
