package io.proxytune.core.torch.model;

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

  /** The product in TorchScript, for the kinds that it can compute. */
  default Optional<ScriptedProduct> script() {
    return Optional.empty();
  }

  @Override
  void close();
}
