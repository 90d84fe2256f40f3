package io.proxytune.core.torch.model;

import io.proxytune.core.torch.BoxedOperator;
import io.proxytune.core.torch.LargePages;
import java.util.Optional;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * A linear layer on a float16 weight in FBGEMM's blocks, for few tokens: it reads a weight faster
 * than {@link PackedLinear} and computes in float32, which makes it slower for many. Its input and
 * result are bfloat16 as elsewhere, rounded once behind the addition.
 */
final class HalfLinear implements Linear {
  /** The largest float16. */
  private static final double LARGEST = 65504;

  /** The operators, which not every build has. */
  record Kernels(BoxedOperator prepack, BoxedOperator product) {
    static Optional<Kernels> find() {
      Optional<BoxedOperator> prepack = BoxedOperator.find("quantized::linear_prepack_fp16", "");
      Optional<BoxedOperator> product = BoxedOperator.find("quantized::linear_dynamic_fp16", "");
      return prepack.isEmpty() || product.isEmpty()
          ? Optional.empty()
          : Optional.of(new Kernels(prepack.get(), product.get()));
    }

    /**
     * A copy of a weight, {@code [out, in]}, and a bias, {@code [out]}; it belongs to the scope.
     */
    IValue pack(Tensor weight, @Nullable Tensor bias) {
      IValue wide = new IValue(weight.to(ScalarType.Float));
      IValue wideBias = bias == null ? new IValue() : new IValue(bias.to(ScalarType.Float));
      LargePages.markNext(weight.numel() * Short.BYTES);
      return prepack.callForObject(wide, wideBias);
    }
  }

  static final String SCRIPT_TYPE = "__torch__.torch.classes.quantized.LinearPackedParamsBase";

  private final Kernels kernels;
  private final IValue packed;

  /** Copies the weight, {@code [out, in]}, and the bias, {@code [out]}. */
  HalfLinear(Kernels kernels, Tensor weight, @Nullable Tensor bias) {
    this.kernels = kernels;
    this.packed = Native.keep(kernels.pack(weight, bias));
  }

  /** Whether float16 has room for every weight. */
  static boolean canHold(Tensor weight) {
    return weight.abs().max().item_double() <= LARGEST;
  }

  private Tensor product(Tensor x) {
    return kernels.product.call(new IValue(x.to(ScalarType.Float)), packed);
  }

  @Override
  public Tensor apply(Tensor x) {
    return product(x).to(x.scalar_type());
  }

  @Override
  public Tensor applyAdd(Tensor x, Tensor addend) {
    return product(x).add_(addend).to(x.scalar_type());
  }

  @Override
  public String write(ScriptWriter script, String x) {
    return script.let(
        "ops.quantized.linear_dynamic_fp16(%s.to(6), %s)", x, script.packed(packed)); // 6: float32
  }

  @Override
  public void close() {
    packed.close();
  }
}
