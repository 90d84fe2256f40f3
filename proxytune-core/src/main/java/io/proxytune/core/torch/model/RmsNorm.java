package io.proxytune.core.torch.model;

import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.LongArrayRef;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** Root-mean-square normalisation (arXiv 1910.07467). */
final class RmsNorm implements Norm {
  /** Beyond, twice the values cost more than a chain of operators. */
  private static final long FEW_TOKENS = 16;

  private final Tensor weight; // [size]
  private final TensorOptional optionalWeight;
  private final LongPointer size;
  private final LongArrayRef shape;
  private final DoubleOptional epsilon;

  // For layer_norm of [x, −x].
  private final boolean onCpu;
  private final double plainEpsilon;
  private final Tensor doubledWeight; // [2 · size]
  private final TensorOptional optionalDoubledWeight;
  private final LongPointer doubledSize;
  private final LongArrayRef doubledShape;
  private final TensorOptional noBias = Native.keep(new TensorOptional());

  /** Takes over the weight, {@code [size]}. */
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

  @Override
  public Tensor apply(Tensor x) {
    return onCpu && x.size(0) <= FEW_TOKENS
        ? ofFewTokens(x)
        : torch.rms_norm(x, shape, optionalWeight, epsilon);
  }

  /**
   * On the CPU {@code rms_norm} is a chain of operators, {@code layer_norm} a single one: [x, −x]
   * has the mean 0, and its variance is the mean square of x.
   */
  private Tensor ofFewTokens(Tensor x) {
    Tensor symmetric = torch.cat(new TensorVector(x, x.neg()), -1);
    return torch
        .layer_norm(symmetric, doubledShape, optionalDoubledWeight, noBias, plainEpsilon, false)
        .narrow(-1, 0, weight.numel())
        .contiguous(); // every other half row, but for one token
  }

  @Override
  public String write(ScriptWriter script, String x) {
    String both = script.let("torch.cat([%1$s, torch.neg(%1$s)], -1)", x);
    return script.let(
        "torch.layer_norm(%s, [%d], %s, None, %s, False).narrow(-1, 0, %d)",
        both,
        2 * weight.numel(),
        script.tensor(doubledWeight),
        Double.toString(plainEpsilon),
        weight.numel());
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
