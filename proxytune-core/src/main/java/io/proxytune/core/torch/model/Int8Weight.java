package io.proxytune.core.torch.model;

import com.google.common.collect.ImmutableMap;
import io.proxytune.core.torch.BoxedOperator;
import io.proxytune.core.torch.CpuFeatures;
import io.proxytune.core.torch.kept.KeptWeight;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A weight in 8 bits, symmetric around 0, with one scale a row, on oneDNN's product of integers.
 *
 * <p>That product wants activations of 8 bits as well, which would cost more accuracy than the
 * weights do. So each activation is written as two {@linkplain Digits digits}, and the product is
 * taken of both at once. Sums of integers are exact, so a row's result is the same in every batch,
 * to the bit.
 */
final class Int8Weight implements QuantizedWeight {
  /** The operators, which not every build has. */
  record Kernels(BoxedOperator prepack, BoxedOperator product) {
    static Optional<Kernels> find() {
      Optional<BoxedOperator> prepack = BoxedOperator.find("onednn::qlinear_prepack", "");
      Optional<BoxedOperator> product = BoxedOperator.find("onednn::qlinear_pointwise", "");
      return prepack.isEmpty() || product.isEmpty()
          ? Optional.empty()
          : Optional.of(new Kernels(prepack.get(), product.get()));
    }
  }

  private static final int SCALARS_ARGUMENT = 11;
  private static final String SCALES = "scales";

  /**
   * Where oneDNN reads a weight faster for 4 rows than for 2, the digits of a token alone are there
   * twice.
   */
  private static final int DOUBLED_TOKENS = CpuFeatures.readsSomeRowsFaster() ? 1 : 0;

  /** 0: uint8, 6: float32. */
  private static final String SCRIPT =
      Digits.withNumbers(
          Digits.SCRIPT
              + """
              low.round_()
              rows = [high, low]
              if tokens == {doubled}:
                rows = [high, low, high, low]
              digits = torch.cat(rows, 0).add_({zeroPoint}).to(0)
              none = annotate(List[Optional[number]], [])
              products = ops.onednn.qlinear_pointwise(digits, 1.0, {zeroPoint}, weight, scales,
                  zeroPoints, None, 1.0, 0, 6, "none", none, "")
              """
                  .replace("{doubled}", Integer.toString(DOUBLED_TOKENS))
              + Digits.SUM);

  private final Kernels kernels;
  private final OneDnnBlocks blocks = new OneDnnBlocks();
  private final IValue packed;
  private final Tensor scales; // [out]
  private final IValue boxedScales; // the same
  private final IValue zeroPoints; // [out]
  // Arguments that never change.
  private final IValue one;
  private final IValue zero;
  private final IValue zeroPoint;
  private final IValue nothing;
  private final IValue toFloat;
  private final IValue none;
  private final IValue noScalars;
  private final IValue noAlgorithm;

  /** Rounds a copy of the weight, {@code [out, in]} in any dtype. */
  Int8Weight(Kernels kernels, Tensor weight) {
    this(kernels, Int8Rounded.of(weight));
  }

  private Int8Weight(Kernels kernels, Int8Rounded rounded) {
    this(kernels, packed(kernels, rounded.weights()), rounded.scales());
  }

  private Int8Weight(Kernels kernels, Tensor packed, Tensor scales) {
    this.kernels = kernels;
    this.packed = Native.keep(new IValue(packed));
    this.nothing = Native.keep(new IValue());
    this.scales = Native.keep(scales);
    this.boxedScales = Native.keep(new IValue(scales));
    Tensor zeros = torch.zeros(new long[] {scales.size(0)}, new TensorOptions(ScalarType.Int));
    this.zeroPoints = Native.keep(new IValue(zeros));
    this.noScalars = Native.keep(kernels.product.emptyList(SCALARS_ARGUMENT));
    this.one = Native.keep(new IValue(1.0));
    this.zero = Native.keep(new IValue(0L));
    this.zeroPoint = Native.keep(new IValue((long) Digits.ZERO_POINT));
    this.toFloat = Native.keep(new IValue((long) ScalarType.Float.value));
    this.none = Native.keep(new IValue("none"));
    this.noAlgorithm = Native.keep(new IValue(""));
  }

  private static Tensor packed(Kernels kernels, Tensor weights) {
    return kernels.prepack.call(new IValue(weights), new IValue());
  }

  /**
   * Makes one again of what {@link #kept} gave. oneDNN lays zeros out first, each time: it copies
   * no weight that has sums beside it.
   *
   * @throws KeptWeight.UnusableException if it is not that, or can't be read
   */
  static Int8Weight restored(Kernels kernels, KeptWeight kept, long outputs, long inputs) {
    Tensor scales = kept.read(SCALES, ScalarType.Float, outputs);
    TensorOptions whole = new TensorOptions(ScalarType.Char);
    Tensor packed = packed(kernels, torch.zeros(new long[] {outputs, inputs}, whole));
    OneDnnBlocks.fill(packed, ScalarType.Char, kept);
    return new Int8Weight(kernels, packed, scales);
  }

  @Override
  public Map<String, Tensor> kept() {
    Map<String, Tensor> inBlocks = blocks.kept(packed.toTensor(), ScalarType.Char);
    return inBlocks.isEmpty()
        ? inBlocks
        : ImmutableMap.<String, Tensor>builder().putAll(inBlocks).put(SCALES, scales).build();
  }

  @Override
  public Tensor multiply(Tensor x) {
    Digits digits = Digits.of(x);
    Tensor products = product(stored(digits, x.size(0) == DOUBLED_TOKENS));
    return digits.sum(products).to(x.scalar_type());
  }

  /** The high digits of all rows, then the low ones: {@code [2 · tokens, in]}; or that twice. */
  private static Tensor stored(Digits digits, boolean doubled) {
    Tensor high = digits.high();
    Tensor low = digits.low().round_();
    TensorVector rows =
        doubled ? new TensorVector(high, low, high, low) : new TensorVector(high, low);
    return torch.cat(rows, 0).add_(new Scalar((double) Digits.ZERO_POINT)).to(ScalarType.Byte);
  }

  private Tensor product(Tensor digits) {
    return kernels.product.call(
        new IValue(digits),
        one,
        zeroPoint,
        packed,
        boxedScales,
        zeroPoints,
        nothing,
        one,
        zero,
        toFloat,
        none,
        noScalars,
        noAlgorithm);
  }

  @Override
  public String write(ScriptWriter script, String x) {
    String method =
        script
            .program()
            .method(
                "int8",
                "x: Tensor, weight: Tensor, scales: Tensor, zeroPoints: Tensor) -> Tensor",
                SCRIPT);
    return script.let(
        "self.%s(%s, %s, %s, %s)",
        method, x, script.tensor(packed), script.tensor(boxedScales), script.tensor(zeroPoints));
  }

  @Override
  public void close() {
    blocks.close();
    packed.close();
    scales.close();
    boxedScales.close();
    zeroPoints.close();
    one.close();
    zero.close();
    zeroPoint.close();
    nothing.close();
    toFloat.close();
    none.close();
    noScalars.close();
    noAlgorithm.close();
  }
}
