package io.proxytune.core.torch.model;

import io.proxytune.core.torch.BoxedOperator;
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

    /** What the product takes, of rounded weights; it belongs to the scope. */
    IValue pack(Int8Rounded rounded) {
      Tensor zeros =
          torch.zeros(new long[] {rounded.scales().size(0)}, new TensorOptions(ScalarType.Long));
      Tensor weight =
          quantized.call(
              new IValue(rounded.weights()),
              new IValue(rounded.scales()),
              new IValue(zeros),
              new IValue(0L));
      return prepack.callForObject(new IValue(weight), new IValue());
    }
  }

  /** The operator rounds the low digits itself. */
  private static final String SCRIPT =
      Digits.withNumbers(
          Digits.SCRIPT
              + """
              digits = torch.cat([high, low], 0)
              products = ops.quantized.linear_with_input_q_dq_qweight_dq_output_fp32(digits, 1.0,
                  {zeroPoint}, weight)
              """
              + Digits.SUM);

  private final Kernels kernels;
  private final IValue packed;
  // Arguments that never change.
  private final IValue one = Native.keep(new IValue(1.0));
  private final IValue zeroPoint = Native.keep(new IValue((long) Digits.ZERO_POINT));

  /** Rounds a copy of the weight, {@code [out, in]} in any dtype. */
  FbgemmInt8Weight(Kernels kernels, Tensor weight) {
    this.kernels = kernels;
    this.packed = Native.keep(kernels.pack(Int8Rounded.of(weight)));
  }

  @Override
  public Tensor multiply(Tensor x) {
    Digits digits = Digits.of(x);
    Tensor both = torch.cat(new TensorVector(digits.high(), digits.low()), 0);
    Tensor products = kernels.product.call(new IValue(both), one, zeroPoint, packed);
    return digits.sum(products).to(x.scalar_type());
  }

  @Override
  public String write(ScriptWriter script, String x) {
    String method =
        script
            .program()
            .method("int8", "x: Tensor, weight: " + HalfLinear.SCRIPT_TYPE + ") -> Tensor", SCRIPT);
    return script.let("self.%s(%s, %s)", method, x, script.packed(packed));
  }

  @Override
  public void close() {
    packed.close();
    one.close();
    zeroPoint.close();
  }
}
