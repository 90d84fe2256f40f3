package io.proxytune.core.torch.model;

import java.util.List;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Tensor;

/**
 * A weight rounded to few bits. A row of a product does not depend on the rows beside it. Immutable
 * but for {@link #close()}; safe for use by several threads.
 */
interface QuantizedWeight extends AutoCloseable {
  /** {@code x} is {@code [tokens, in]}; the result, {@code x Wᵀ}, is new and in x's dtype. */
  Tensor multiply(Tensor x);

  /**
   * Statements of a {@link ScriptedProduct} that leave the product in {@code y}; none where a
   * program can't compute it.
   */
  default String script() {
    return "";
  }

  /** What those statements find in {@code weights}; it stays this weight's. */
  default List<IValue> scriptParts() {
    return List.of();
  }

  @Override
  void close();
}
