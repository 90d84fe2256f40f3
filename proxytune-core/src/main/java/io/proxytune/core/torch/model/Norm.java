package io.proxytune.core.torch.model;

import org.bytedeco.pytorch.Tensor;

/**
 * A normalisation over the last dimension. Immutable but for {@link #close()}; safe for use by
 * several threads.
 */
interface Norm extends AutoCloseable {
  /** {@code x} is {@code [rows, …, size]}; the result is new, of the same shape and dtype. */
  Tensor apply(Tensor x);

  /**
   * Writes the same.
   *
   * @return the name of the result
   */
  String write(ScriptWriter script, String x);

  @Override
  void close();
}
