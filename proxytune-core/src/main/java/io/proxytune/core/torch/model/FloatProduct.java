package io.proxytune.core.torch.model;

import io.proxytune.core.torch.BoxedOperator;
import java.util.Optional;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Tensor;

/**
 * oneDNN's product of many float32 rows with a weight that is there for this product alone, and so
 * is not packed: on LibTorch's own threads, which products of OpenBLAS are not.
 */
final class FloatProduct {
  private final BoxedOperator operator;
  private final IValue noBias = Native.keep(new IValue());
  private final IValue none = Native.keep(new IValue("none"));
  private final IValue noScalars;
  private final IValue noAlgorithm = Native.keep(new IValue());

  private FloatProduct(BoxedOperator operator) {
    this.operator = operator;
    this.noScalars = Native.keep(operator.emptyList(4));
  }

  /** The operator, which not every build has; what is found lives as long as the process. */
  static Optional<FloatProduct> find() {
    return BoxedOperator.find("mkldnn::_linear_pointwise", "").map(FloatProduct::new);
  }

  /**
   * Computes {@code x Wᵀ}.
   *
   * @param x {@code [tokens, in]}, float32
   * @param weight {@code [out, in]}, float32
   * @return {@code [tokens, out]}
   */
  Tensor multiply(Tensor x, Tensor weight) {
    return operator.call(new IValue(x), new IValue(weight), noBias, none, noScalars, noAlgorithm);
  }
}
