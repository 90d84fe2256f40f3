package io.proxytune.core.torch.model;

import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.LongArrayRef;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Root-mean-square normalisation over the last dimension (arXiv 1910.07467). Immutable but for
 * {@link #close()}; safe for use by several threads.
 */
final class RmsNorm implements AutoCloseable {
  /** Beyond, twice the values cost more than a chain of operators. */
  private static final long FEW_TOKENS = 16;

  private final Tensor weight; // [hidden]
  private final TensorOptional optionalWeight;
  private final LongPointer size;
  private final LongArrayRef shape;
  private final DoubleOptional epsilon;

  // For layer_norm of [x, −x].
  private final boolean onCpu;
  private final double plainEpsilon;
  private final Tensor doubledWeight; // [2 · hidden]
  private final TensorOptional optionalDoubledWeight;
  private final LongPointer doubledSize;
  private final LongArrayRef doubledShape;
  private final TensorOptional noBias = Native.keep(new TensorOptional());

  /** Takes over the weight, {@code [hidden]}. */
  RmsNorm(Tensor weight, double epsilon) {
    this.weight = Native.keep(weight);
    this.optionalWeight = Native.keep(new TensorOptional(weight));
    this.size = Native.keep(new LongPointer(new long[] {weight.numel()}));
    this.shape = Native.keep(new LongArrayRef(size, 1)); // refers to size, holds no copy
    this.epsilon = Native.keep(new DoubleOptional(epsilon));
    this.onCpu = !weight.is_cuda();
    this.plainEpsilon = epsilon;
    this.doubledWeight = Native.keep(torch.cat(new TensorVector(weight, weight), 0));
    this.optionalDoubledWeight = Native.keep(new TensorOptional(doubledWeight));
    this.doubledSize = Native.keep(new LongPointer(new long[] {2 * weight.numel()}));
    this.doubledShape = Native.keep(new LongArrayRef(doubledSize, 1));
  }

  /** The weight twice, one behind the other: {@code [2 · hidden]}; it stays this norm's. */
  Tensor doubledWeight() {
    return doubledWeight;
  }

  /** {@code x} is {@code [tokens, hidden]}. */
  Tensor apply(Tensor x) {
    return onCpu && x.size(0) <= FEW_TOKENS
        ? ofFewTokens(x)
        : torch.rms_norm(x, shape, optionalWeight, epsilon);
  }

  /**
   * On the CPU {@code rms_norm} is a chain of operators, {@code layer_norm} a single one: [x, −x]
   * has the mean 0, and its variance is the mean square of x.
   */
  private Tensor ofFewTokens(Tensor x) {
    Tensor symmetric = torch.cat(new TensorVector(x, x.neg()), 1);
    return torch
        .layer_norm(symmetric, doubledShape, optionalDoubledWeight, noBias, plainEpsilon, false)
        .narrow(1, 0, x.size(1))
        .contiguous(); // every other half row, but for one token
  }

  @Override
  public void close() {
    noBias.close();
    doubledShape.close();
    doubledSize.close();
    optionalDoubledWeight.close();
    doubledWeight.close();
    epsilon.close();
    shape.close();
    size.close();
    optionalWeight.close();
    weight.close();
  }
}
