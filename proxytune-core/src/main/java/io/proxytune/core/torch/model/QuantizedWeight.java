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

  /** Statements of a {@link ScriptedProduct} that leave the product in {@code y}. */
  String script();

  /** What those statements find in {@code weights}; it stays this weight's. */
  List<IValue> scriptParts();

  @Override
  void close();
}
