package io.proxytune.core.torch.model;

import java.util.Optional;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** A linear layer on a quantized weight; the bias and the addition are as always. */
final class QuantizedLinear implements Linear {
  private static final String SCRIPT_BIAS =
      """
      if bias is not None:
        y = y.add_(bias)
      return y
      """;

  private final QuantizedWeight weight;
  private final @Nullable Tensor bias;
  private final IValue scriptBias; // the same

  /** Takes over the weight and the bias. */
  QuantizedLinear(QuantizedWeight weight, @Nullable Tensor bias) {
    this.weight = weight;
    this.bias = bias == null ? null : Native.keep(bias);
    this.scriptBias = Native.keep(bias == null ? new IValue() : new IValue(bias));
  }

  @Override
  public Tensor apply(Tensor x) {
    Tensor y = weight.multiply(x);
    return bias == null ? y : y.add_(bias);
  }

  @Override
  public Tensor applyAdd(Tensor x, Tensor addend) {
    return apply(x).add_(addend);
  }

  @Override
  public Optional<ScriptedProduct> script() {
    return Optional.of(
        new ScriptedProduct(
            "Tensor", weight.script() + SCRIPT_BIAS, weight.scriptParts(), scriptBias, 1));
  }

  @Override
  public void close() {
    scriptBias.close();
    if (bias != null) {
      bias.close();
    }
    weight.close();
  }
}
