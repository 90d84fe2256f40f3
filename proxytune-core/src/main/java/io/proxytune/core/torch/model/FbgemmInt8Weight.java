package io.proxytune.core.torch.model;

import static java.util.stream.Collectors.joining;

import io.proxytune.core.torch.BoxedOperator;
import io.proxytune.core.torch.CpuFeatures;
import io.proxytune.core.torch.LargePages;
import io.proxytune.core.torch.TorchScope;
import io.proxytune.core.torch.kept.KeptWeight;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A weight in 8 bits as {@link Int8Weight}, on FBGEMM's product of integers, for processors on
 * which it is faster than oneDNN's: {@link CpuFeatures#prefersFbgemmForIntegers}. It has the same
 * digits and sums of integers, so that the results are as exact, and a row's the same in every
 * batch, to the bit.
 */
final class FbgemmInt8Weight implements QuantizedWeight {
  /**
   * The operators, which not every build has.
   *
   * @param ownBlocks whether weights may be laid out by {@link Int8Matrix}
   */
  record Kernels(
      BoxedOperator quantized, BoxedOperator prepack, BoxedOperator product, boolean ownBlocks) {
    // Arguments that never change.
    private static final IValue ONE = Native.keep(new IValue(1.0));
    private static final IValue ZERO_POINT = Native.keep(new IValue((long) Digits.ZERO_POINT));

    static Optional<Kernels> find() {
      Optional<BoxedOperator> quantized =
          BoxedOperator.find("aten::_make_per_channel_quantized_tensor", "");
      Optional<BoxedOperator> prepack = BoxedOperator.find("quantized::linear_prepack", "");
      Optional<BoxedOperator> product =
          BoxedOperator.find("quantized::linear_with_input_q_dq_qweight_dq_output_fp32", "");
      return quantized.isEmpty() || prepack.isEmpty() || product.isEmpty()
          ? Optional.empty()
          : Optional.of(of(quantized.get(), prepack.get(), product.get()));
    }

    private static Kernels of(
        BoxedOperator quantized, BoxedOperator prepack, BoxedOperator product) {
      Kernels asFbgemmPacks = new Kernels(quantized, prepack, product, false);
      boolean ownBlocks = Int8Matrix.works(asFbgemmPacks);
      return new Kernels(quantized, prepack, product, ownBlocks);
    }

    /** Rounded weights as the prepacking takes them; it belongs to the scope. */
    IValue quantized(Int8Rounded rounded) {
      Tensor zeros =
          torch.zeros(new long[] {rounded.scales().size(0)}, new TensorOptions(ScalarType.Long));
      Tensor weight =
          quantized.call(
              new IValue(rounded.weights()),
              new IValue(rounded.scales()),
              new IValue(zeros),
              new IValue(0L));
      return new IValue(weight);
    }

    /** On any thread: it is not parallel. */
    PackedMatrix pack(IValue weight) {
      try (TorchScope scope = TorchScope.open()) {
        LargePages.markNext(weight.toTensor().numel());
        return PackedMatrix.byFbgemm(prepack.callForObject(weight, new IValue()));
      }
    }

    /** Rounded weights as FBGEMM packs them; they belong to the scope. */
    IValue prepacked(Int8Rounded rounded) {
      return prepack.callForObject(quantized(rounded), new IValue());
    }

    /** The product with digits, which are not rounded yet. */
    Tensor product(Tensor digits, IValue weight) {
      return product.call(new IValue(digits), ONE, ZERO_POINT, weight);
    }
  }

  /** Of a weight in one piece. The operator rounds the low digits itself. */
  private static final String SCRIPT =
      Digits.withNumbers(
          Digits.SCRIPT
              + """
              digits = torch.cat([high, low], 0)
              products = ops.quantized.linear_with_input_q_dq_qweight_dq_output_fp32(digits, 1.0,
                  {zeroPoint}, weight)
              """
              + Digits.SUM);

  private static final String SCRIPT_OF_PARTS =
      Digits.withNumbers(
          Digits.SCRIPT
              + """
              digits = torch.cat([high, low], 0)
              parts = annotate(List[Tensor], [])
              for i in range(len(weights)):
                products = ops.quantized.linear_with_input_q_dq_qweight_dq_output_fp32(digits, 1.0,
                    {zeroPoint}, weights[i])
                y = products.narrow(0, 0, tokens)
                y.add_(products.narrow(0, tokens, tokens), alpha={part}).mul_(step)
                parts.append(y)
              return torch.cat(parts, 1)
              """);

  private final Kernels kernels;
  private final List<PackedMatrix> parts;

  /** Rounds a copy of the weight, {@code [out, in]} in any dtype. */
  FbgemmInt8Weight(Kernels kernels, Tensor weight) {
    this.kernels = kernels;
    Int8Rounded rounded = Int8Rounded.of(weight);
    this.parts =
        kernels.ownBlocks()
            ? List.of(Int8Matrix.of(kernels, rounded))
            : byFbgemm(kernels, rounded, PackedParts.large(weight));
  }

  /**
   * Makes one again of what {@link #kept} gave.
   *
   * @throws KeptWeight.UnusableException if it is not that, or can't be read
   */
  FbgemmInt8Weight(Kernels kernels, KeptWeight kept, long outputs, long inputs) {
    if (!kernels.ownBlocks()) {
      throw new KeptWeight.UnusableException("FBGEMM lays weights out itself");
    }
    this.kernels = kernels;
    this.parts = List.of(Int8Matrix.of(kernels, kept, outputs, inputs));
  }

  @Override
  public Map<String, Tensor> kept() {
    return parts.size() == 1 ? parts.get(0).kept() : Map.of();
  }

  private static List<PackedMatrix> byFbgemm(Kernels kernels, Int8Rounded rounded, long rows) {
    return PackedParts.of(
        rounded.scales().size(0),
        rows,
        (first, count) -> {
          IValue part = kernels.quantized(rounded.narrow(first, count));
          return () -> kernels.pack(part);
        });
  }

  @Override
  public Tensor multiply(Tensor x) {
    Digits digits = Digits.of(x);
    Tensor both = torch.cat(new TensorVector(digits.high(), digits.low()), 0);
    Tensor[] products =
        parts.stream()
            .map(part -> digits.sum(kernels.product(both, part.value())))
            .toArray(Tensor[]::new);
    Tensor y = products.length == 1 ? products[0] : torch.cat(new TensorVector(products), 1);
    return y.to(x.scalar_type());
  }

  @Override
  public String write(ScriptWriter script, String x) {
    if (parts.size() == 1) {
      String whole = "x: Tensor, weight: " + HalfLinear.SCRIPT_TYPE + ") -> Tensor";
      String method = script.program().method("int8", whole, SCRIPT);
      return script.let("self.%s(%s, %s)", method, x, script.packed(parts.get(0).value()));
    }
    String signature = "x: Tensor, weights: List[" + HalfLinear.SCRIPT_TYPE + "]) -> Tensor";
    String method = script.program().method("int8", signature, SCRIPT_OF_PARTS);
    String weights = parts.stream().map(part -> script.packed(part.value())).collect(joining(", "));
    return script.let("self.%s(%s, [%s])", method, x, weights);
  }

  @Override
  public void close() {
    parts.forEach(PackedMatrix::close);
  }
}
