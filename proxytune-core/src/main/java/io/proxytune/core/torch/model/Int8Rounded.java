package io.proxytune.core.torch.model;

import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A weight rounded to 8 bits, symmetric around 0, with one scale a row.
 *
 * @param weights {@code [out, in]}, int8 in {@code [-127, 127]}
 * @param scales {@code [out]}, float32
 */
record Int8Rounded(Tensor weights, Tensor scales) {
  /** Weights are in {@code [-127, 127]}. */
  static final int LARGEST = 127;

  /** A row of zeros divides by this. */
  static final double SMALLEST = 1e-30;

  /**
   * Rounds a copy: {@code scale = max |w| / 127}, {@code rounded = round(w / scale)}, ties to even.
   *
   * @param weight {@code [out, in]} in any dtype
   */
  static Int8Rounded of(Tensor weight) {
    long rows = weight.size(0);
    Tensor rounded =
        torch.zeros(new long[] {rows, weight.size(1)}, new TensorOptions(ScalarType.Char));
    Tensor scales = torch.zeros(new long[] {rows}, new TensorOptions(ScalarType.Float));
    RowChunks.each(
        weight,
        (first, count) ->
            round(
                copy(weight.narrow(0, first, count)),
                rounded.narrow(0, first, count),
                scales.narrow(0, first, count)));
    return new Int8Rounded(rounded, scales);
  }

  /** Some rows, the same memory. */
  Int8Rounded narrow(long first, long count) {
    return new Int8Rounded(weights.narrow(0, first, count), scales.narrow(0, first, count));
  }

  private static Tensor copy(Tensor weight) {
    return weight.to(ScalarType.Float, false, true, new MemoryFormatOptional());
  }

  /** Changes the weight. */
  private static void round(Tensor weight, Tensor rounded, Tensor scales) {
    Tensor least = weight.amin(new long[] {1}, true).neg_();
    Tensor scale = torch.maximum(weight.amax(new long[] {1}, true), least);
    scale.div_(new Scalar((double) LARGEST)).clamp_min_(new Scalar(SMALLEST));
    rounded.copy_(weight.div_(scale).round_());
    scales.copy_(scale.view(-1));
  }
}
