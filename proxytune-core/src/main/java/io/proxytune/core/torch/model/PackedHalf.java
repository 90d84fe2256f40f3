package io.proxytune.core.torch.model;

import org.bytedeco.pytorch.IValue;

/**
 * A float16 weight as FBGEMM's product takes it. Immutable but for {@link #close()}, behind which
 * no product may take it.
 */
interface PackedHalf extends AutoCloseable {
  /** {@link HalfLinear#SCRIPT_TYPE}; it stays this object's. */
  IValue value();

  @Override
  void close();
}
