package io.proxytune.core.torch.model;

import org.bytedeco.pytorch.Tensor;

/**
 * What a layer computes for each token by itself. Immutable but for {@link #close()}; safe for use
 * by several threads.
 */
interface FeedForward extends AutoCloseable {
  /** {@code x} is {@code [tokens, width]}; the result is new, of the same shape. */
  Tensor apply(Tensor x, LayerPass pass);

  /** The same with the residual stream added, where that may be done in one pass. */
  default Tensor applyAdd(Tensor x, Tensor addend, LayerPass pass) {
    return apply(x, pass).add_(addend);
  }

  /**
   * Writes the same.
   *
   * @return the name of the result, which is new
   */
  String write(ScriptWriter script, String x);

  @Override
  void close();
}
