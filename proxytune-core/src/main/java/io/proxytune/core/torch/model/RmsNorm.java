package io.proxytune.core.torch.model;

import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.LongArrayRef;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * Root-mean-square normalisation over the last dimension (arXiv 1910.07467). Immutable but for
 * {@link #close()}; safe for use by several threads.
 */
final class RmsNorm implements AutoCloseable {
  private final Tensor weight; // [hidden]
  private final TensorOptional optionalWeight;
  private final LongPointer size;
  private final LongArrayRef shape;
  private final DoubleOptional epsilon;

  /** Takes over the weight, {@code [hidden]}. */
  RmsNorm(Tensor weight, double epsilon) {
    this.weight = Native.keep(weight);
    this.optionalWeight = Native.keep(new TensorOptional(weight));
    this.size = Native.keep(new LongPointer(new long[] {weight.numel()}));
    this.shape = Native.keep(new LongArrayRef(size, 1)); // refers to size, holds no copy
    this.epsilon = Native.keep(new DoubleOptional(epsilon));
  }

  /** {@code x} is {@code [tokens, hidden]}. */
  Tensor apply(Tensor x) {
    return torch.rms_norm(x, shape, optionalWeight, epsilon);
  }

  @Override
  public void close() {
    epsilon.close();
    shape.close();
    size.close();
    optionalWeight.close();
    weight.close();
  }
}
