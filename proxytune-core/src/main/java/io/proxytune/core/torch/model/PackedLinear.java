package io.proxytune.core.torch.model;

import io.proxytune.core.torch.BoxedOperator;
import java.util.Optional;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A linear layer on a weight that oneDNN reordered once at load: on the CPU it reads the weight at
 * the machine's bandwidth, and does the element-wise step in the same pass.
 */
final class PackedLinear implements Linear {
  /** oneDNN lays the weight out for about so many tokens at once; 8 serves 1 to 16 well. */
  private static final long TOKENS_HINT = 8;

  /** The operators, which not every build and processor has. */
  record Kernels(BoxedOperator reorder, BoxedOperator unary, BoxedOperator binary) {
    static Optional<Kernels> find() {
      Optional<BoxedOperator> reorder = BoxedOperator.find("mkldnn::_reorder_linear_weight", "");
      Optional<BoxedOperator> unary = BoxedOperator.find("mkldnn::_linear_pointwise", "");
      Optional<BoxedOperator> binary = BoxedOperator.find("mkldnn::_linear_pointwise", "binary");
      return reorder.isEmpty() || unary.isEmpty() || binary.isEmpty()
          ? Optional.empty()
          : Optional.of(new Kernels(reorder.get(), unary.get(), binary.get()));
    }
  }

  private final Kernels kernels;
  private final IValue weight;
  private final IValue bias;
  // Arguments that never change.
  private final IValue noScalars;
  private final IValue noAlgorithm = Native.keep(new IValue());
  private final IValue none = Native.keep(new IValue("none"));
  private final IValue swish = Native.keep(new IValue("swish"));
  private final IValue add = Native.keep(new IValue("add"));
  private final IValue multiply = Native.keep(new IValue("mul"));

  /** Copies the weight, {@code [out, in]}, into its packed form; takes over the bias. */
  PackedLinear(Kernels kernels, Tensor weight, @Nullable Tensor bias) {
    this.kernels = kernels;
    Tensor packed = kernels.reorder.call(new IValue(weight), new IValue(TOKENS_HINT));
    this.weight = Native.keep(new IValue(packed));
    this.bias = Native.keep(bias == null ? new IValue() : new IValue(bias));
    this.noScalars = Native.keep(kernels.unary.emptyList(4));
  }

  @Override
  public Tensor apply(Tensor x) {
    return unary(x, none);
  }

  @Override
  public Tensor applySilu(Tensor x) {
    return unary(x, swish);
  }

  private Tensor unary(Tensor x, IValue step) {
    return kernels.unary.call(new IValue(x), weight, bias, step, noScalars, noAlgorithm);
  }

  @Override
  public Tensor applyAdd(Tensor x, Tensor addend) {
    return kernels.binary.call(new IValue(x), new IValue(addend), weight, bias, add);
  }

  @Override
  public Tensor applyMultiply(Tensor x, Tensor factor) {
    return kernels.binary.call(new IValue(x), new IValue(factor), weight, bias, multiply);
  }

  @Override
  public void close() {
    weight.close();
    bias.close();
    noScalars.close();
    noAlgorithm.close();
    none.close();
    swish.close();
    add.close();
    multiply.close();
  }
}
