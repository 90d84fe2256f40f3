package io.proxytune.core.torch.model;

import io.proxytune.core.torch.BoxedOperator;
import java.util.Optional;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A weight in 4 bits, {@code w = (q - 8) · scale + zero} with a scale and a zero for each group of
 * neighbours in a row, on LibTorch's own product. Its fast form takes bfloat16, so activations of
 * other dtypes are rounded to it: far less than the weights are.
 *
 * <p>Weights are padded with zeros to whole groups and to the kernel's block of rows.
 */
final class Int4Weight implements QuantizedWeight {
  static final int LARGEST = 15;
  static final int MIDDLE = 8;
  private static final int ROW_BLOCK = 16;
  private static final double SMALLEST = 1e-30;

  /** The operators, which not every build has. */
  record Kernels(BoxedOperator pack, BoxedOperator product) {
    static Optional<Kernels> find() {
      Optional<BoxedOperator> pack =
          BoxedOperator.find("aten::_convert_weight_to_int4pack_for_cpu", "");
      Optional<BoxedOperator> product = BoxedOperator.find("aten::_weight_int4pack_mm_for_cpu", "");
      return pack.isEmpty() || product.isEmpty()
          ? Optional.empty()
          : Optional.of(new Kernels(pack.get(), product.get()));
    }
  }

  private final Kernels kernels;
  private final long outputs;
  private final long padding;
  private final IValue packed; // [padded out, padded in / 2] bytes in the kernel's own order
  private final IValue group;
  private final IValue scalesAndZeros; // [groups, padded out, 2]

  /** Rounds a copy of the weight, {@code [out, in]} in any dtype. */
  Int4Weight(Kernels kernels, Tensor weight, int group) {
    this.kernels = kernels;
    this.outputs = weight.size(0);
    long inputs = roundUp(weight.size(1), group);
    this.padding = inputs - weight.size(1);
    this.group = Native.keep(new IValue((long) group));
    long rows = roundUp(outputs, ROW_BLOCK);
    Tensor bytes = torch.zeros(new long[] {rows, inputs / 2}, new TensorOptions(ScalarType.Byte));
    Tensor affine =
        torch.zeros(new long[] {inputs / group, rows, 2}, new TensorOptions(ScalarType.BFloat16));
    RowChunks.each(
        outputs,
        (first, count) -> {
          Tensor part = padded(weight.narrow(0, first, count).to(ScalarType.Float));
          Rounded rounded = Rounded.of(part, group);
          long all = part.size(0);
          bytes.narrow(0, first, all).copy_(pack(rounded.weights()));
          affine.narrow(1, first, all).copy_(rounded.affine().transpose(0, 1));
        });
    this.packed = Native.keep(new IValue(bytes));
    this.scalesAndZeros = Native.keep(new IValue(affine));
  }

  private static long roundUp(long value, long multiple) {
    return (value + multiple - 1) / multiple * multiple;
  }

  private Tensor padded(Tensor weight) {
    long rows = roundUp(weight.size(0), ROW_BLOCK) - weight.size(0);
    return torch.constant_pad_nd(weight, 0, padding, 0, rows);
  }

  private Tensor pack(Tensor rounded) {
    return kernels.pack.call(new IValue(rounded), new IValue(2L));
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
    Tensor y = kernels.product.call(new IValue(values), packed, group, scalesAndZeros);
    Tensor own = y.size(1) == outputs ? y : y.narrow(1, 0, outputs).contiguous();
    return own.to(x.scalar_type());
  }

  @Override
  public void close() {
    packed.close();
    group.close();
    scalesAndZeros.close();
  }
}
