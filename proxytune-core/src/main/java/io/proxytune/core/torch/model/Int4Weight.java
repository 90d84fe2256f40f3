package io.proxytune.core.torch.model;

import com.google.common.collect.ImmutableMap;
import io.proxytune.core.torch.BoxedOperator;
import io.proxytune.core.torch.CpuFeatures;
import io.proxytune.core.torch.TorchScope;
import io.proxytune.core.torch.kept.KeptWeight;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A weight in 4 bits, {@code w = (q - 8) · scale + zero} with a scale and a zero for each group of
 * neighbours in a row, on LibTorch's own product. Its fast form takes bfloat16, so activations of
 * other dtypes are rounded to it: far less than the weights are. It is bound by arithmetic, so many
 * tokens are multiplied with unpacked weights where that is faster.
 *
 * <p>Weights are padded with zeros to whole groups and to the kernel's block of rows.
 */
final class Int4Weight implements QuantizedWeight {
  private static final Logger logger = LoggerFactory.getLogger(Int4Weight.class);
  static final int LARGEST = 15;
  static final int MIDDLE = 8;
  private static final double SMALLEST = 1e-30;
  private static final String BYTES = "bytes";
  private static final String AFFINE = "scales and zeros";

  /**
   * The operators, which not every build has.
   *
   * @param layout how to take packed weights apart, where that is known
   * @param wide multiplies many tokens in float32; empty: in bfloat16
   */
  record Kernels(
      BoxedOperator pack,
      BoxedOperator product,
      Optional<Int4Layout> layout,
      Optional<FloatProduct> wide) {
    static Optional<Kernels> find() {
      Optional<BoxedOperator> pack =
          BoxedOperator.find("aten::_convert_weight_to_int4pack_for_cpu", "");
      Optional<BoxedOperator> product = BoxedOperator.find("aten::_weight_int4pack_mm_for_cpu", "");
      if (pack.isEmpty() || product.isEmpty()) {
        return Optional.empty();
      }
      Optional<FloatProduct> wide =
          CpuFeatures.multipliesBFloat16() ? Optional.empty() : FloatProduct.find();
      boolean worthwhile = CpuFeatures.multipliesBFloat16() || wide.isPresent();
      return Optional.of(
          new Kernels(
              pack.get(), product.get(), worthwhile ? layout(pack.get()) : Optional.empty(), wide));
    }

    static Optional<Int4Layout> layout(BoxedOperator pack) {
      try (TorchScope scope = TorchScope.open()) {
        return Int4Layout.learn(weights -> pack(pack, weights));
      } catch (RuntimeException e) {
        logger.debug("No weight can be packed", e); // the probe of the kernels will say so
        return Optional.empty();
      }
    }

    private static Tensor pack(BoxedOperator pack, Tensor weights) {
      return pack.call(new IValue(weights), new IValue(2L));
    }

    Tensor pack(Tensor weights) {
      return pack(pack, weights);
    }
  }

  /** The steps of {@link #multiply} for few tokens; 15: bfloat16. */
  private static final String SCRIPT =
      """
          values = x.to(15).contiguous()
          padding = 2 * weight.size(1) - x.size(1)
          if padding > 0:
            values = torch.constant_pad_nd(values, [0, padding])
          all = torch._weight_int4pack_mm_for_cpu(values, weight, group, affine)
          return all.narrow(1, 0, outputs).to(x.dtype)
      """;

  private final Kernels kernels;
  private final long outputs;
  private final long padding;
  private final Tensor bytes; // [padded out, padded in / 2] in the kernel's own order
  private final Tensor affine; // [groups, padded out, 2]: scale and zero
  private final IValue packed;
  private final IValue group;
  private final IValue scalesAndZeros;
  private final Optional<Int4Unpacked> unpacked;

  /** Takes over the bytes and the scales with their zeros. */
  private Int4Weight(Kernels kernels, Sizes sizes, Tensor bytes, Tensor affine) {
    this.kernels = kernels;
    this.outputs = sizes.outputs;
    this.padding = sizes.paddedInputs() - sizes.inputs;
    this.bytes = Native.keep(bytes);
    this.affine = Native.keep(affine);
    this.group = Native.keep(new IValue((long) sizes.group));
    this.packed = Native.keep(new IValue(bytes));
    this.scalesAndZeros = Native.keep(new IValue(affine));
    this.unpacked =
        kernels.layout().map(layout -> new Int4Unpacked(layout, bytes, affine, kernels.wide()));
  }

  /** The sizes of a weight, {@code [out, in]}, and of what it is padded to. */
  private record Sizes(long outputs, long inputs, int group) {
    long paddedInputs() {
      return roundUp(inputs, group);
    }

    long paddedOutputs() {
      return roundUp(outputs, Int4Layout.ROWS);
    }

    long[] ofBytes() {
      return new long[] {paddedOutputs(), paddedInputs() / 2};
    }

    long[] ofAffine() {
      return new long[] {paddedInputs() / group, paddedOutputs(), 2};
    }

    /** With zeros up to whole groups and blocks. */
    Tensor padded(Tensor rows) {
      long right = paddedInputs() - inputs;
      long below = roundUp(rows.size(0), Int4Layout.ROWS) - rows.size(0);
      return right + below == 0 ? rows : torch.constant_pad_nd(rows, 0, right, 0, below);
    }
  }

  /** Rounds a copy of the weight, {@code [out, in]} in any dtype. */
  static Int4Weight of(Kernels kernels, Tensor weight, int group) {
    Sizes sizes = new Sizes(weight.size(0), weight.size(1), group);
    Tensor bytes = torch.zeros(sizes.ofBytes(), new TensorOptions(ScalarType.Byte));
    Tensor affine = torch.zeros(sizes.ofAffine(), new TensorOptions(ScalarType.BFloat16));
    RowChunks.each(
        weight,
        (first, count) -> {
          Tensor part = sizes.padded(weight.narrow(0, first, count).to(ScalarType.Float));
          Rounded rounded = Rounded.of(part, group);
          long all = part.size(0);
          bytes.narrow(0, first, all).copy_(kernels.pack(rounded.weights()));
          affine.narrow(1, first, all).copy_(rounded.affine().transpose(0, 1));
        });
    return new Int4Weight(kernels, sizes, bytes, affine);
  }

  /**
   * Makes one again of what {@link #kept} gave.
   *
   * @throws KeptWeight.UnusableException if it is not that, or can't be read
   */
  static Int4Weight of(Kernels kernels, KeptWeight kept, long outputs, long inputs, int group) {
    Sizes sizes = new Sizes(outputs, inputs, group);
    Tensor bytes = kept.read(BYTES, ScalarType.Byte, sizes.ofBytes());
    Tensor affine = kept.read(AFFINE, ScalarType.BFloat16, sizes.ofAffine());
    return new Int4Weight(kernels, sizes, bytes, affine);
  }

  @Override
  public Map<String, Tensor> kept() {
    return ImmutableMap.of(BYTES, bytes, AFFINE, affine);
  }

  private static long roundUp(long value, long multiple) {
    return (value + multiple - 1) / multiple * multiple;
  }

  /**
   * Rounded weights.
   *
   * @param weights {@code [out, in]}, int32 in {@code [0, 15]}
   * @param affine {@code [out, groups, 2]}, bfloat16: scale and zero
   */
  record Rounded(Tensor weights, Tensor affine) {
    /**
     * The 16 steps go from a group's least value to its largest, and 0 is always among them, so
     * that the zero is small enough for bfloat16. Scale and zero are rounded before the weights
     * are.
     */
    static Rounded of(Tensor weight, int group) {
      long rows = weight.size(0);
      long groups = weight.size(1) / group;
      Tensor grouped = weight.view(rows, groups, group);
      Tensor least = grouped.amin(new long[] {2}, true).clamp_max_(scalar(0));
      Tensor range = grouped.amax(new long[] {2}, true).clamp_min_(scalar(0)).sub_(least);
      Tensor scale = inBFloat16(range.div_(scalar(LARGEST)).clamp_min_(scalar(SMALLEST)));
      Tensor zero = inBFloat16(least.add_(scale, scalar(MIDDLE)));
      Tensor rounded = grouped.sub(zero).div_(scale).round_().add_(scalar(MIDDLE));
      rounded.clamp_(bound(0), bound(LARGEST));
      Tensor affine = torch.cat(new TensorVector(scale, zero), 2).to(ScalarType.BFloat16);
      return new Rounded(rounded.view(rows, groups * group).to(ScalarType.Int), affine);
    }

    private static Tensor inBFloat16(Tensor values) {
      return values.to(ScalarType.BFloat16).to(ScalarType.Float);
    }

    private static Scalar scalar(double value) {
      return new Scalar(value);
    }

    private static ScalarOptional bound(double value) {
      return new ScalarOptional(scalar(value));
    }
  }

  @Override
  public Tensor multiply(Tensor x) {
    Tensor values = x.to(ScalarType.BFloat16);
    if (padding > 0) {
      values = torch.constant_pad_nd(values, 0, padding);
    }
    Tensor y = product(values);
    Tensor own = y.size(1) == outputs ? y : y.narrow(1, 0, outputs).contiguous();
    return own.to(x.scalar_type());
  }

  private Tensor product(Tensor x) {
    return unpacked.filter(way -> x.size(0) >= way.fewestTokens()).isPresent()
        ? unpacked.get().multiply(x)
        : kernels.product.call(new IValue(x), packed, group, scalesAndZeros);
  }

  @Override
  public String write(ScriptWriter script, String x) {
    String method =
        script
            .program()
            .method(
                "int4",
                "x: Tensor, weight: Tensor, affine: Tensor, group: int, outputs: int) -> Tensor",
                SCRIPT);
    return script.let(
        "self.%s(%s, %s, %s, %d, %d)",
        method, x, script.tensor(packed), script.tensor(scalesAndZeros), group.toInt(), outputs);
  }

  @Override
  public void close() {
    packed.close();
    group.close();
    scalesAndZeros.close();
    bytes.close();
    affine.close();
  }
}
