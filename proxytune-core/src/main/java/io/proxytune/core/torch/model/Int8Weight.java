package io.proxytune.core.torch.model;

import io.proxytune.core.torch.BoxedOperator;
import io.proxytune.core.torch.CpuFeatures;
import java.util.Optional;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A weight in 8 bits, symmetric around 0, with one scale a row, on oneDNN's product of integers.
 *
 * <p>That product wants activations of 8 bits as well, which would cost more accuracy than the
 * weights do. So each activation is written as two digits of 7 bits, {@code x ≈ s (h + l / 126)}
 * with {@code s} from its own row, and the product is taken of both digits at once: the error of an
 * activation is at most 1/15876 of the largest in its row, less than bfloat16's. Sums of integers
 * are exact, so a row's result is the same in every batch, to the bit.
 *
 * <p>Digits have 7 bits and not 8 since processors without VNNI add pairs of products in 16 bits.
 */
final class Int8Weight implements QuantizedWeight {
  /** Weights are in {@code [-127, 127]}. */
  static final int LARGEST = 127;

  /** Digits are in {@code [-63, 63]}, stored with this added. */
  private static final int ZERO_POINT = 64;

  private static final int LARGEST_DIGIT = ZERO_POINT - 1;
  private static final double DIGITS_RATIO = 2.0 * LARGEST_DIGIT;

  /** A row of zeros divides by this. */
  private static final double SMALLEST = 1e-30;

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

  /**
   * oneDNN reads a weight faster for 4 rows than for 2, so the digits of a token alone are there
   * twice; but where the processor multiplies tiles, which have sixteen rows in any case.
   */
  private static final int DOUBLED_TOKENS = CpuFeatures.multipliesTiles() ? 0 : 1;

  /** The steps of {@link #multiply}; 0: uint8, 6: float32. */
  private static final String SCRIPT =
      """
      tokens = x.size(0)
      values = x.to(6)
      step = torch.linalg_vector_norm(values, inf, [1], True).div_({largest}).clamp_min_({smallest})
      steps = torch.div(values, step)
      high = torch.round(steps)
      low = steps.sub_(high).mul_({ratio}).round_()
      rows = [high, low]
      if tokens == {doubled}:
        rows = [high, low, high, low]
      digits = torch.cat(rows, 0).add_({zeroPoint}).to(0)
      none = annotate(List[Optional[number]], [])
      products = ops.onednn.qlinear_pointwise(digits, 1.0, {zeroPoint}, weight, scales,
          zeroPoints, None, 1.0, 0, 6, "none", none, "")
      y = products.narrow(0, 0, tokens)
      return y.add_(products.narrow(0, tokens, tokens), alpha={part}).mul_(step)
      """
          .replace("{largest}", Double.toString(LARGEST_DIGIT))
          .replace("{smallest}", Double.toString(SMALLEST))
          .replace("{ratio}", Double.toString(DIGITS_RATIO))
          .replace("{part}", Double.toString(1 / DIGITS_RATIO))
          .replace("{zeroPoint}", Integer.toString(ZERO_POINT))
          .replace("{doubled}", Integer.toString(DOUBLED_TOKENS))
          .indent(ScriptProgram.BODY);

  private final Kernels kernels;
  private final IValue packed;
  private final IValue scales; // [out]
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
  private final Scalar infinity;
  private final ScalarTypeOptional sameType;

  /** Rounds a copy of the weight, {@code [out, in]} in any dtype. */
  Int8Weight(Kernels kernels, Tensor weight) {
    this.kernels = kernels;
    long rows = weight.size(0);
    Tensor rounded =
        torch.zeros(new long[] {rows, weight.size(1)}, new TensorOptions(ScalarType.Char));
    Tensor scales = torch.zeros(new long[] {rows}, new TensorOptions(ScalarType.Float));
    RowChunks.each(
        rows,
        (first, count) ->
            round(
                weight.narrow(0, first, count).to(ScalarType.Float),
                rounded.narrow(0, first, count),
                scales.narrow(0, first, count)));
    IValue empty = new IValue();
    this.packed = Native.keep(new IValue(kernels.prepack.call(new IValue(rounded), empty)));
    this.nothing = Native.keep(empty);
    this.scales = Native.keep(new IValue(scales));
    Tensor zeros = torch.zeros(new long[] {rows}, new TensorOptions(ScalarType.Int));
    this.zeroPoints = Native.keep(new IValue(zeros));
    this.noScalars = Native.keep(kernels.product.emptyList(SCALARS_ARGUMENT));
    this.one = Native.keep(new IValue(1.0));
    this.zero = Native.keep(new IValue(0L));
    this.zeroPoint = Native.keep(new IValue((long) ZERO_POINT));
    this.toFloat = Native.keep(new IValue((long) ScalarType.Float.value));
    this.none = Native.keep(new IValue("none"));
    this.noAlgorithm = Native.keep(new IValue(""));
    this.infinity = Native.keep(new Scalar(Double.POSITIVE_INFINITY));
    this.sameType = Native.keep(new ScalarTypeOptional());
  }

  /** {@code scale = max |w| / 127}, {@code rounded = round(w / scale)}, ties to even. */
  static void round(Tensor weight, Tensor rounded, Tensor scales) {
    Tensor scale = weight.abs().amax(new long[] {1}, true).div_(new Scalar((double) LARGEST));
    scale.clamp_min_(new Scalar(SMALLEST));
    rounded.copy_(weight.div(scale).round_());
    scales.copy_(scale.view(-1));
  }

  @Override
  public Tensor multiply(Tensor x) {
    Tensor values = x.to(ScalarType.Float);
    Tensor step =
        torch
            .linalg_vector_norm(values, infinity, new long[] {1}, true, sameType)
            .div_(new Scalar((double) LARGEST_DIGIT))
            .clamp_min_(new Scalar(SMALLEST));
    long tokens = x.size(0);
    Tensor products = product(digits(values.div(step), tokens == DOUBLED_TOKENS));
    Tensor high = products.narrow(0, 0, tokens);
    Tensor low = products.narrow(0, tokens, tokens);
    return high.add_(low, new Scalar(1 / DIGITS_RATIO)).mul_(step).to(x.scalar_type());
  }

  /** The high digits of all rows, then the low ones: {@code [2 · tokens, in]}; or that twice. */
  private static Tensor digits(Tensor steps, boolean doubled) {
    Tensor high = torch.round(steps);
    Tensor low = steps.sub_(high).mul_(new Scalar(DIGITS_RATIO)).round_();
    TensorVector rows =
        doubled ? new TensorVector(high, low, high, low) : new TensorVector(high, low);
    return torch.cat(rows, 0).add_(new Scalar((double) ZERO_POINT)).to(ScalarType.Byte);
  }

  private Tensor product(Tensor digits) {
    return kernels.product.call(
        new IValue(digits),
        one,
        zeroPoint,
        packed,
        scales,
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
        method, x, script.tensor(packed), script.tensor(scales), script.tensor(zeroPoints));
  }

  @Override
  public void close() {
    packed.close();
    scales.close();
    zeroPoints.close();
    one.close();
    zero.close();
    zeroPoint.close();
    nothing.close();
    toFloat.close();
    none.close();
    noScalars.close();
    noAlgorithm.close();
    infinity.close();
    sameType.close();
  }
}
