package io.proxytune.core.torch.model;

import static java.util.stream.Collectors.joining;

import com.google.common.collect.ImmutableMap;
import io.proxytune.core.torch.kept.KeptWeight;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * A linear layer on FBGEMM's float16 weights, for any number of tokens: its result is float32,
 * whatever its input, and so are the sums.
 *
 * <p>Weights are stored times a power of two, and the input is divided by it, so that those of
 * bfloat16, which has more exponents and fewer digits, are exact but for the very smallest: the
 * largest weight becomes about 2¹⁵, and what is 2³² times smaller loses digits.
 */
final class ScaledHalves implements Linear {
  /** The largest weight's exponent of two: float16 ends at 65504. */
  private static final int LARGEST = 14;

  /** Beyond, the input might leave float32's range. */
  private static final int MOST = 60;

  /** A row whose largest weight is as much smaller than the largest of all is as exact still. */
  private static final double RANGE = 0x1p-16;

  private static final String SCALE = "input scale";

  private static final String SCRIPT =
      """
          scaled = torch.mul(x, scale)
          rows = annotate(List[Tensor], [])
          for i in range(len(weights)):
            rows.append(ops.quantized.linear_dynamic_fp16(scaled, weights[i]))
          all = rows[0]
          if len(rows) > 1:
            all = torch.cat(rows, 1)
          return all
      """;

  private final HalfLinear.Kernels kernels;
  private final Tensor inputScale; // [1], float32: so is what it is multiplied with
  private final List<PackedMatrix> parts;
  private final long outputs;

  private ScaledHalves(
      HalfLinear.Kernels kernels, Tensor weight, @Nullable Tensor bias, int exponent, long rows) {
    this(
        kernels,
        packed(kernels, weight, bias, Math.scalb(1.0, exponent), rows),
        torch.full(new long[] {1}, new Scalar(Math.scalb(1.0, -exponent))),
        weight.size(0));
  }

  private ScaledHalves(
      HalfLinear.Kernels kernels, List<PackedMatrix> parts, Tensor inputScale, long outputs) {
    this.kernels = kernels;
    this.parts = parts;
    this.inputScale = Native.keep(inputScale);
    this.outputs = outputs;
  }

  /**
   * Makes one again of what {@link #kept} gave.
   *
   * @throws KeptWeight.UnusableException if it is not that, or can't be read
   */
  static ScaledHalves restored(
      HalfLinear.Kernels kernels,
      KeptWeight kept,
      long outputs,
      long inputs,
      @Nullable Tensor bias) {
    if (!kernels.ownBlocks()) {
      throw new KeptWeight.UnusableException("FBGEMM lays weights out itself");
    }
    Tensor inputScale = kept.read(SCALE, ScalarType.Float, 1);
    PackedMatrix matrix = HalfMatrix.of(kernels.prepack(), kept, outputs, inputs, bias);
    return new ScaledHalves(kernels, List.of(matrix), inputScale, outputs);
  }

  @Override
  public Map<String, Tensor> kept() {
    Map<String, Tensor> matrix = parts.size() == 1 ? parts.get(0).kept() : Map.of();
    return matrix.isEmpty()
        ? matrix
        : ImmutableMap.<String, Tensor>builder().putAll(matrix).put(SCALE, inputScale).build();
  }

  /**
   * Copies the weight, {@code [out, in]}, and the bias, {@code [out]}, in small parts: of a head,
   * the largest of weights.
   *
   * @param exponent what {@link #exponent} gave for the weight
   */
  static ScaledHalves inParts(
      HalfLinear.Kernels kernels, Tensor weight, @Nullable Tensor bias, int exponent) {
    return new ScaledHalves(kernels, weight, bias, exponent, PackedParts.small(weight));
  }

  /** The same in few parts: of a layer, which many tokens pass. */
  static ScaledHalves inFewParts(
      HalfLinear.Kernels kernels, Tensor weight, @Nullable Tensor bias, int exponent) {
    return new ScaledHalves(kernels, weight, bias, exponent, PackedParts.large(weight));
  }

  /**
   * By which power of two to multiply a weight.
   *
   * @param weight {@code [out, in]}
   * @return nothing where it does not fit: weights that are not finite, or so far apart that most
   *     rows would lose digits
   */
  static OptionalInt exponent(Tensor weight) {
    Tensor highest = weight.amax(new long[] {1}, false).to(ScalarType.Float).abs_();
    Tensor lowest = weight.amin(new long[] {1}, false).to(ScalarType.Float).abs_();
    Tensor ofRows = torch.maximum(highest, lowest);
    Tensor used = ofRows.masked_select(ofRows.ne(new Scalar(0)));
    if (used.numel() == 0) {
      return OptionalInt.of(0);
    }
    double largest = used.max().item_double();
    int exponent = LARGEST - Math.getExponent(largest);
    boolean fits =
        Double.isFinite(largest)
            && Math.abs(exponent) <= MOST
            && used.median().item_double() >= RANGE * largest;
    return fits ? OptionalInt.of(exponent) : OptionalInt.empty();
  }

  private static List<PackedMatrix> packed(
      HalfLinear.Kernels kernels, Tensor weight, @Nullable Tensor bias, double scale, long rows) {
    if (kernels.ownBlocks()) {
      return List.of(HalfMatrix.of(kernels.prepack(), weight, bias, scale));
    }
    return PackedParts.of(
        weight.size(0),
        rows,
        (first, count) -> {
          Tensor scaled = copy(weight.narrow(0, first, count)).mul_(new Scalar(scale));
          Tensor own = bias == null ? null : bias.narrow(0, first, count);
          return () -> kernels.packedByFbgemm(scaled, own);
        });
  }

  private static Tensor copy(Tensor weight) {
    return weight.to(ScalarType.Float, false, true, new MemoryFormatOptional());
  }

  /** {@code x} is {@code [tokens, in]} in any dtype. */
  @Override
  public Tensor apply(Tensor x) {
    Tensor[] rows = products(x).toArray(Tensor[]::new);
    return rows.length == 1 ? rows[0] : torch.cat(new TensorVector(rows), 1);
  }

  private Stream<Tensor> products(Tensor x) {
    Tensor scaled = x.mul(inputScale);
    return parts.stream().map(part -> kernels.product().call(new IValue(scaled), part.value()));
  }

  /** The sum with an addend, if there is one, rounded once to the input's dtype. */
  Tensor rounded(Tensor x, @Nullable Tensor addend) {
    ScalarType dtype = x.scalar_type();
    if (parts.size() == 1) {
      Tensor y = apply(x);
      return (addend == null ? y : y.add_(addend)).to(dtype);
    }
    Tensor y = torch.empty(new long[] {x.size(0), outputs}, new TensorOptions(dtype), null);
    long[] from = {0};
    products(x)
        .forEachOrdered(
            part -> {
              long count = part.size(1);
              Tensor sum = addend == null ? part : part.add_(addend.narrow(1, from[0], count));
              y.narrow(1, from[0], count).copy_(sum);
              from[0] += count;
            });
    return y;
  }

  @Override
  public Tensor applyAdd(Tensor x, Tensor addend) {
    return apply(x).add_(addend);
  }

  @Override
  public String write(ScriptWriter script, String x) {
    String signature = "x: Tensor, weights: List[" + HalfLinear.SCRIPT_TYPE + "], scale: Tensor";
    String method = script.program().method("halves", signature + ") -> Tensor", SCRIPT);
    String weights = parts.stream().map(part -> script.packed(part.value())).collect(joining(", "));
    return script.let("self.%s(%s, [%s], %s)", method, x, weights, script.tensor(inputScale));
  }

  @Override
  public void close() {
    parts.forEach(PackedMatrix::close);
    inputScale.close();
  }
}
