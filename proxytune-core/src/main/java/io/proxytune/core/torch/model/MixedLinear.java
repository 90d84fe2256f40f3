package io.proxytune.core.torch.model;

import io.proxytune.core.torch.BoxedOperator;
import java.util.Optional;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * A linear layer on a GPU whose weight has 16 bits and whose result is float32, as the sums in its
 * product are. The input is rounded to the weight's dtype; what is of that dtype stays as it is.
 */
final class MixedLinear implements Linear {
  private static final IValue FLOAT = Native.keep(new IValue((long) ScalarType.Float.value));

  private final BoxedOperator product;
  private final Tensor weight; // [out, in]
  private final @Nullable Tensor bias; // [out]
  private final IValue transposed; // [in, out], the same memory

  /** Takes over the weight and the bias. */
  MixedLinear(BoxedOperator product, Tensor weight, @Nullable Tensor bias) {
    this.product = product;
    this.transposed = Native.keep(new IValue(weight.t()));
    this.weight = Native.keep(weight);
    this.bias = bias == null ? null : Native.keep(bias);
  }

  /** The operator, which CPUs have not. */
  static Optional<BoxedOperator> operator() {
    return BoxedOperator.find("aten::mm", "dtype");
  }

  @Override
  public Tensor apply(Tensor x) {
    Tensor y = product.call(new IValue(x.to(weight.scalar_type())), transposed, FLOAT);
    return bias == null ? y : y.add_(bias);
  }

  @Override
  public Tensor applyAdd(Tensor x, Tensor addend) {
    return apply(x).add_(addend);
  }

  @Override
  public String write(ScriptWriter script, String x) {
    throw new UnsupportedOperationException("GPUs run no programs");
  }

  @Override
  public void close() {
    if (bias != null) {
      bias.close();
    }
    transposed.close();
    weight.close();
  }
}
