package io.proxytune.core.torch.model;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The product of a weight in 4 bits by way of bfloat16: a part of its rows is unpacked, multiplied
 * and forgotten after the other. The cost of unpacking does not grow with the tokens, and bfloat16
 * is multiplied several times faster than the kernel for 4 bits does, where the processor has
 * instructions for it. Unpacked weights are rounded to bfloat16, so a result differs from the
 * kernel's by about as much as rounding the result does.
 *
 * @param bytes the kernel's own, {@code [rows, in / 2]} of whole blocks
 * @param affine scale and zero, {@code [groups, rows, 2]}, bfloat16
 */
record Int4Unpacked(Int4Layout layout, Tensor bytes, Tensor affine) {
  /** As few tokens as make unpacking worth its while. */
  static final int FEWEST_TOKENS = 96;

  /** So many weights are unpacked at once: few enough for a cache, enough for a good product. */
  private static final long PART = 1 << 21;

  /**
   * {@code x} is {@code [tokens, in]} in bfloat16, and so is the result, {@code [tokens, rows]}.
   */
  Tensor multiply(Tensor x) {
    long rows = bytes.size(0);
    Tensor y =
        torch.empty(new long[] {x.size(0), rows}, new TensorOptions(ScalarType.BFloat16), null);
    RowChunks.each(
        rows,
        rowsOfPart(x.size(1)),
        (first, count) -> torch.mm_out(y.narrow(1, first, count), x, unpacked(first, count)));
    return y;
  }

  private static long rowsOfPart(long inputs) {
    return Math.max(1, PART / (inputs * Int4Layout.ROWS)) * Int4Layout.ROWS;
  }

  /** Some rows, whole blocks of them, as a matrix {@code [in, rows]}. */
  Tensor unpacked(long first, long count) {
    long groups = affine.size(0);
    long inputs = 2 * bytes.size(1);
    long block = layout.block();
    long blocks = count / block;
    Tensor steps = layout.unpack(bytes.narrow(0, first, count)).sub_(new Scalar(Int4Weight.MIDDLE));
    Tensor signed = steps.view(ScalarType.Char).to(ScalarType.BFloat16);
    Tensor affines = // [2, blocks, groups, 1, block]
        affine
            .narrow(1, first, count)
            .view(groups, blocks, block, 2)
            .permute(3, 1, 0, 2)
            .contiguous()
            .unsqueeze(3);
    Tensor weight =
        torch.empty(new long[] {inputs, count}, new TensorOptions(ScalarType.BFloat16), null);
    torch.addcmul_out(
        weight.view(groups, inputs / groups, blocks, block).permute(2, 0, 1, 3),
        affines.select(0, 1),
        signed.view(blocks, groups, inputs / groups, block),
        affines.select(0, 0));
    return weight;
  }
}
