package io.proxytune.core.torch.model;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** A linear layer on a weight as it is: for GPUs, and where the CPU has no packed kernel. */
final class PlainLinear implements Linear {
  private final Tensor weight; // [out, in]
  private final @Nullable Tensor bias; // [out]
  private final TensorOptional optionalBias;

  /** Takes over the weight and the bias. */
  PlainLinear(Tensor weight, @Nullable Tensor bias) {
    this.weight = Native.keep(weight);
    this.bias = bias == null ? null : Native.keep(bias);
    this.optionalBias = Native.keep(bias == null ? new TensorOptional() : new TensorOptional(bias));
  }

  @Override
  public Tensor apply(Tensor x) {
    return torch.linear(x, weight, optionalBias);
  }

  @Override
  public Tensor applyAdd(Tensor x, Tensor addend) {
    return apply(x).add_(addend);
  }

  @Override
  public String write(ScriptWriter script, String x) {
    return script.let(
        "torch.linear(%s, %s, %s)",
        x, script.tensor(weight), bias == null ? "None" : script.tensor(bias));
  }

  @Override
  public void close() {
    optionalBias.close();
    if (bias != null) {
      bias.close();
    }
    weight.close();
  }
}
