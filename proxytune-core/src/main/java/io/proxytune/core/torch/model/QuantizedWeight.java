package io.proxytune.core.torch.model;

import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * A weight rounded to few bits. A row of a product does not depend on the rows beside it. Immutable
 * but for {@link #close()}; safe for use by several threads.
 */
interface QuantizedWeight extends AutoCloseable {
  /** {@code x} is {@code [tokens, in]}; the result, {@code x Wᵀ}, is new and in x's dtype. */
  Tensor multiply(Tensor x);

  /**
   * Writes the product; what it is computed from stays this weight's.
   *
   * @return the name of the result, which is new: in the dtype of {@code x} or in float32
   */
  String write(ScriptWriter script, String x);

  /** As {@link Linear#kept}. */
  default Map<String, Tensor> kept() {
    return Map.of();
  }

  @Override
  void close();
}
