package io.proxytune.core.torch.model;

import static java.util.stream.Collectors.joining;

import io.proxytune.core.torch.BoxedOperator;
import io.proxytune.core.torch.LargePages;
import io.proxytune.core.torch.TorchScope;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A weight in 8 bits as {@link Int8Weight}, on FBGEMM's product of integers: for processors without
 * instructions for sums of such products (VNNI), where oneDNN packs the weight anew on every call.
 * It has the same digits and sums of integers, so that the results are as exact, and a row's the
 * same in every batch, to the bit.
 */
final class FbgemmInt8Weight implements QuantizedWeight {
  /** The operators, which not every build has. */
  record Kernels(BoxedOperator quantized, BoxedOperator prepack, BoxedOperator product) {
    static Optional<Kernels> find() {
      Optional<BoxedOperator> quantized =
          BoxedOperator.find("aten::_make_per_channel_quantized_tensor", "");
      Optional<BoxedOperator> prepack = BoxedOperator.find("quantized::linear_prepack", "");
      Optional<BoxedOperator> product =
          BoxedOperator.find("quantized::linear_with_input_q_dq_qweight_dq_output_fp32", "");
      return quantized.isEmpty() || prepack.isEmpty() || product.isEmpty()
          ? Optional.empty()
          : Optional.of(new Kernels(quantized.get(), prepack.get(), product.get()));
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
    IValue pack(IValue weight) {
      try (TorchScope scope = TorchScope.open()) {
        LargePages.markNext(weight.toTensor().numel());
        return Native.keep(prepack.callForObject(weight, new IValue()));
      }
    }
  }

  /** The operator rounds the low digits itself. */
  private static final String SCRIPT =
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
              all = parts[0]
              if len(parts) > 1:
                all = torch.cat(parts, 1)
              return all
              """);

  private final Kernels kernels;
  private final List<IValue> parts;
  // Arguments that never change.
  private final IValue one = Native.keep(new IValue(1.0));
  private final IValue zeroPoint = Native.keep(new IValue((long) Digits.ZERO_POINT));

  /** Rounds a copy of the weight, {@code [out, in]} in any dtype. */
  FbgemmInt8Weight(Kernels kernels, Tensor weight) {
    this.kernels = kernels;
    Int8Rounded rounded = Int8Rounded.of(weight);
    this.parts =
        PackedParts.of(
            weight.size(0),
            PackedParts.large(weight),
            (first, count) -> {
              IValue part = kernels.quantized(rounded.narrow(first, count));
              return () -> kernels.pack(part);
            });
  }

  @Override
  public Tensor multiply(Tensor x) {
    Digits digits = Digits.of(x);
    IValue both = new IValue(torch.cat(new TensorVector(digits.high(), digits.low()), 0));
    Tensor[] products =
        parts.stream()
            .map(part -> digits.sum(kernels.product.call(both, one, zeroPoint, part)))
            .toArray(Tensor[]::new);
    Tensor y = products.length == 1 ? products[0] : torch.cat(new TensorVector(products), 1);
    return y.to(x.scalar_type());
  }

  @Override
  public String write(ScriptWriter script, String x) {
    String signature = "x: Tensor, weights: List[" + HalfLinear.SCRIPT_TYPE + "]) -> Tensor";
    String method = script.program().method("int8", signature, SCRIPT);
    String weights = parts.stream().map(script::packed).collect(joining(", "));
    return script.let("self.%s(%s, [%s])", method, x, weights);
  }

  @Override
  public void close() {
    parts.forEach(IValue::close);
    one.close();
    zeroPoint.close();
  }
}
