package io.proxytune.core.torch.model;

import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The product of a weight in 4 bits by way of 16 or 32: a part of its rows is unpacked, multiplied
 * and forgotten after the other. The cost of unpacking does not grow with the tokens, and unpacked
 * weights are multiplied several times faster than the kernel for 4 bits does: in bfloat16 where
 * the processor has instructions for it, in float32 elsewhere. Those unpacked to bfloat16 are
 * rounded to it, so a result differs from the kernel's by about as much as rounding the result
 * does.
 *
 * @param bytes the kernel's own, {@code [rows, in / 2]} of whole blocks
 * @param affine scale and zero, {@code [groups, rows, 2]}, bfloat16
 * @param wide multiplies in float32; empty: bfloat16 is faster
 */
record Int4Unpacked(Int4Layout layout, Tensor bytes, Tensor affine, Optional<FloatProduct> wide) {
  private static final int FEWEST_FOR_BFLOAT16 = 96;
  private static final int FEWEST_FOR_FLOAT = 48;

  /** So many weights are unpacked at once: few enough for a cache, enough for a good product. */
  private static final long PART = 1 << 20;

  /** From so many tokens on it is twice as many, since each part reads all tokens' values anew. */
  private static final int MANY_TOKENS = 256;

  /** As few tokens as make unpacking worth its while. */
  int fewestTokens() {
    return wide.isPresent() ? FEWEST_FOR_FLOAT : FEWEST_FOR_BFLOAT16;
  }

  /**
   * {@code x} is {@code [tokens, in]} in bfloat16, and so is the result, {@code [tokens, rows]}.
   */
  Tensor multiply(Tensor x) {
    long rows = bytes.size(0);
    Tensor values = x.to(dtype());
    Tensor y =
        torch.empty(new long[] {x.size(0), rows}, new TensorOptions(ScalarType.BFloat16), null);
    RowChunks.each(
        rows,
        rowsOfPart(x),
        wide.isPresent()
            ? (first, count) -> y.narrow(1, first, count).copy_(inFloat(values, first, count))
            : (first, count) ->
                torch.mm_out(y.narrow(1, first, count), values, unpacked(first, count)));
    return y;
  }

  private ScalarType dtype() {
    return wide.isPresent() ? ScalarType.Float : ScalarType.BFloat16;
  }

  private Tensor inFloat(Tensor x, long first, long count) {
    return wide.orElseThrow().multiply(x, unpacked(first, count).t());
  }

  private static long rowsOfPart(Tensor x) {
    long weights = x.size(0) < MANY_TOKENS ? PART : 2 * PART;
    return Math.max(1, weights / (x.size(1) * Int4Layout.ROWS)) * Int4Layout.ROWS;
  }

  /**
   * Some rows, whole blocks of them, as a matrix {@code [in, rows]}, until the thread unpacks more.
   */
  Tensor unpacked(long first, long count) {
    UnpackBuffers buffers = UnpackBuffers.ofThread();
    long groups = affine.size(0);
    long inputs = 2 * bytes.size(1);
    long block = layout.block();
    long blocks = count / block;
    long[] shape = {blocks, inputs, block};
    Tensor steps = buffers.take(UnpackBuffers.Use.STEPS, ScalarType.Byte, shape);
    layout.unpack(bytes.narrow(0, first, count), steps).sub_(new Scalar(Int4Weight.MIDDLE));
    Tensor signed = buffers.take(UnpackBuffers.Use.NUMBERS, dtype(), shape);
    signed.copy_(steps.view(ScalarType.Char));
    Tensor affines = // [2, blocks, groups, 1, block]
        affine
            .narrow(1, first, count)
            .view(groups, blocks, block, 2)
            .permute(3, 1, 0, 2)
            .to(dtype())
            .contiguous()
            .unsqueeze(3);
    Tensor weight = buffers.take(UnpackBuffers.Use.WEIGHTS, dtype(), inputs, count);
    torch.addcmul_out(
        weight.view(groups, inputs / groups, blocks, block).permute(2, 0, 1, 3),
        affines.select(0, 1),
        signed.view(blocks, groups, inputs / groups, block),
        affines.select(0, 0));
    return weight;
  }
}
