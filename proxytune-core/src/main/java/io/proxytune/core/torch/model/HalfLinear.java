package io.proxytune.core.torch.model;

import io.proxytune.core.torch.BoxedOperator;
import io.proxytune.core.torch.LargePages;
import io.proxytune.core.torch.TorchScope;
import io.proxytune.core.torch.kept.KeptWeight;
import java.util.Map;
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

  /**
   * The operators, which not every build has.
   *
   * @param ownBlocks whether weights may be laid out by {@link HalfMatrix}
   */
  record Kernels(BoxedOperator prepack, BoxedOperator product, boolean ownBlocks) {
    /** Fewer weights are no work for FBGEMM. */
    private static final long FEW = 1 << 16;

    static Optional<Kernels> find() {
      Optional<BoxedOperator> prepack = BoxedOperator.find("quantized::linear_prepack_fp16", "");
      Optional<BoxedOperator> product = BoxedOperator.find("quantized::linear_dynamic_fp16", "");
      return prepack.isEmpty() || product.isEmpty()
          ? Optional.empty()
          : Optional.of(new Kernels(prepack.get(), product.get(), HalfMatrix.works(prepack.get())));
    }

    /** A copy of a weight, {@code [out, in]}, and a bias, {@code [out]}. */
    PackedMatrix pack(Tensor weight, @Nullable Tensor bias) {
      return ownBlocks && weight.numel() > FEW
          ? HalfMatrix.of(prepack, weight, bias, 1)
          : packedByFbgemm(weight, bias);
    }

    /** The same on any thread: no operator in it is parallel if the weight is float32. */
    PackedMatrix packedByFbgemm(Tensor weight, @Nullable Tensor bias) {
      try (TorchScope scope = TorchScope.open()) {
        IValue wide = new IValue(weight.to(ScalarType.Float));
        IValue wideBias = HalfMatrix.optional(bias);
        LargePages.markNext(weight.numel() * Short.BYTES);
        return PackedMatrix.byFbgemm(prepack.callForObject(wide, wideBias));
      }
    }
  }

  static final String SCRIPT_TYPE = "__torch__.torch.classes.quantized.LinearPackedParamsBase";

  private final Kernels kernels;
  private final PackedMatrix packed;

  /** Copies the weight, {@code [out, in]}, and the bias, {@code [out]}. */
  HalfLinear(Kernels kernels, Tensor weight, @Nullable Tensor bias) {
    this.kernels = kernels;
    this.packed = kernels.pack(weight, bias);
  }

  private HalfLinear(Kernels kernels, PackedMatrix packed) {
    this.kernels = kernels;
    this.packed = packed;
  }

  /**
   * Makes one again of what {@link #kept} gave.
   *
   * @param bias {@code [out]}, or null; it stays the caller's
   * @throws KeptWeight.UnusableException if it is not that, or can't be read
   */
  static HalfLinear restored(
      Kernels kernels, KeptWeight kept, long outputs, long inputs, @Nullable Tensor bias) {
    if (!kernels.ownBlocks()) {
      throw new KeptWeight.UnusableException("FBGEMM lays weights out itself");
    }
    return new HalfLinear(kernels, HalfMatrix.of(kernels.prepack, kept, outputs, inputs, bias));
  }

  /** Whether a weight was kept so. */
  static boolean isIn(KeptWeight kept) {
    return kept.has(PointedMatrix.BLOCKS);
  }

  @Override
  public Map<String, Tensor> kept() {
    return packed.kept();
  }

  /** Whether float16 has room for every weight. */
  static boolean canHold(Tensor weight) {
    return weight.abs().max().item_double() <= LARGEST;
  }

  private Tensor product(Tensor x) {
    return kernels.product.call(new IValue(x.to(ScalarType.Float)), packed.value());
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
        "ops.quantized.linear_dynamic_fp16(%s.to(6), %s)",
        x, script.packed(packed.value())); // 6: float32
  }

  @Override
  public void close() {
    packed.close();
  }
}
