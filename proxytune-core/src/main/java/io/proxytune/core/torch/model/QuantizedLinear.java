package io.proxytune.core.torch.model;

import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** A linear layer on a quantized weight; the bias and the addition are as always. */
final class QuantizedLinear implements Linear {
  private final QuantizedWeight weight;
  private final @Nullable Tensor bias;

  /** Takes over the weight and the bias. */
  QuantizedLinear(QuantizedWeight weight, @Nullable Tensor bias) {
    this.weight = weight;
    this.bias = bias == null ? null : Native.keep(bias);
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
  public String write(ScriptWriter script, String x) {
    String y = weight.write(script, x);
    return bias == null ? y : script.let("%s.add_(%s)", y, script.tensor(bias));
  }

  @Override
  public Map<String, Tensor> kept() {
    return weight.kept();
  }

  @Override
  public void close() {
    if (bias != null) {
      bias.close();
    }
    weight.close();
  }
}
