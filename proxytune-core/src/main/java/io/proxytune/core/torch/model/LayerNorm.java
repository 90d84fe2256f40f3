package io.proxytune.core.torch.model;

import java.util.Locale;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.pytorch.LongArrayRef;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** Normalisation by mean and variance (arXiv 1607.06450), with or without factors and summands. */
final class LayerNorm implements Norm {
  private final @Nullable Tensor weight; // [size], or [heads, size]
  private final @Nullable Tensor bias; // [size]
  private final int dimension;
  private final double epsilon;
  private final LongPointer size;
  private final LongArrayRef shape;
  private final TensorOptional optionalWeight;
  private final TensorOptional optionalBias;

  /** Takes over the factors and the summands. */
  LayerNorm(int size, @Nullable Tensor weight, @Nullable Tensor bias, double epsilon) {
    this.weight = weight == null ? null : Native.keep(weight);
    this.bias = bias == null ? null : Native.keep(bias);
    this.dimension = size;
    this.epsilon = epsilon;
    this.size = Native.keep(new LongPointer(new long[] {size}));
    this.shape = Native.keep(new LongArrayRef(this.size, 1)); // refers to size, holds no copy
    this.optionalWeight = Native.keep(optional(isPerHead() ? null : weight));
    this.optionalBias = Native.keep(optional(bias));
  }

  private static TensorOptional optional(@Nullable Tensor tensor) {
    return tensor == null ? new TensorOptional() : new TensorOptional(tensor);
  }

  private boolean isPerHead() {
    return weight != null && weight.dim() > 1;
  }

  @Override
  public Tensor apply(Tensor x) {
    Tensor y = torch.layer_norm(x, shape, optionalWeight, optionalBias, epsilon, false);
    return isPerHead() ? y.mul_(weight) : y;
  }

  @Override
  public String write(ScriptWriter script, String x) {
    String factors = weight == null || isPerHead() ? "None" : script.tensor(weight);
    String summands = bias == null ? "None" : script.tensor(bias);
    String y =
        script.let(
            "torch.layer_norm(%s, [%d], %s, %s, %s, False)",
            x, dimension, factors, summands, Double.toString(epsilon));
    return isPerHead() ? script.let("torch.mul(%s, %s)", y, script.tensor(weight)) : y;
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "LayerNorm[%d]", dimension);
  }

  @Override
  public void close() {
    optionalBias.close();
    optionalWeight.close();
    shape.close();
    size.close();
    if (bias != null) {
      bias.close();
    }
    if (weight != null) {
      weight.close();
    }
  }
}
