package io.proxytune.core.torch.model;

import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * A linear layer, {@code y = x Wᵀ + b}, alone or with the residual stream added, so that an
 * implementation may do both in one pass. Immutable but for {@link #close()}; safe for use by
 * several threads.
 */
interface Linear extends AutoCloseable {
  /** {@code x} is {@code [tokens, in]}; the result is new, {@code [tokens, out]}. */
  Tensor apply(Tensor x);

  /** {@code apply(x) + addend}; the addend is {@code [tokens, out]} and stays as it is. */
  Tensor applyAdd(Tensor x, Tensor addend);

  /**
   * Writes the product; the weights stay this layer's.
   *
   * @param x a name of {@code [rows, in]} in the model's dtype or float32, with any row stride
   * @return the name of the result, which is new: {@code [rows, out]} in the dtype of {@code x} or
   *     in float32
   */
  String write(ScriptWriter script, String x);

  /** Its weight, where tiles and vectors both can read it. */
  default Optional<TiledWeight> tiled() {
    return Optional.empty();
  }

  /**
   * What its factory makes the same of again, with the bias: {@link LinearFactory#restore}.
   *
   * @return tensors on the CPU without gaps, which stay this layer's; none where it can't
   */
  default Map<String, Tensor> kept() {
    return Map.of();
  }

  @Override
  void close();
}
