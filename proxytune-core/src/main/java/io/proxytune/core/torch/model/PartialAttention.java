package io.proxytune.core.torch.model;

import io.proxytune.core.torch.BoxedOperator;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Attention to a part of the keys. Two parts are joined by the shares of the softmax that each
 * would have: {@code a + (b − a) · σ(log Σb − log Σa)}. What comes of it differs from attention to
 * all keys at once in the last bits of float32: log-probabilities of the shipped family by at most
 * 1.1e-5; logits in bfloat16, where a rounding turns, by 2.5e-2 of the largest in random models.
 *
 * @param values {@code [kvHeads, rows, headDim]}
 * @param logSums the logarithm of the sum of the exponents of each row's scores, {@code [kvHeads,
 *     rows]}
 */
record PartialAttention(Tensor values, Tensor logSums) {
  /** What LibTorch's attention calls on the CPU, which keeps the sums for itself. */
  private static final BoxedOperator FUSED =
      BoxedOperator.find("aten::_scaled_dot_product_flash_attention_for_cpu", "").orElseThrow();

  /**
   * Attends.
   *
   * @param queries {@code [kvHeads, rows, headDim]}, float32
   * @param keys {@code [kvHeads, keys, headDim]}
   * @param values shaped like the keys
   * @param mask {@code [rows, keys]}, or null for none
   */
  static PartialAttention of(
      Tensor queries, Tensor keys, Tensor values, @Nullable Tensor mask, double scale) {
    try (IValueVector results =
        FUSED.callForAll(
            new IValue(queries.unsqueeze(0)),
            new IValue(keys.unsqueeze(0)),
            new IValue(values.unsqueeze(0)),
            new IValue(0.0),
            new IValue(false),
            mask == null ? new IValue() : new IValue(mask),
            new IValue(scale))) {
      return new PartialAttention(
          new Tensor(results.get(0).toTensor()).squeeze(0),
          new Tensor(results.get(1).toTensor()).squeeze(0));
    }
  }

  /** Attention to the keys of both. */
  PartialAttention with(PartialAttention other) {
    Tensor share = other.logSums.sub(logSums).sigmoid().unsqueeze(2);
    return new PartialAttention(
        torch.lerp(values, other.values, share), torch.logaddexp(logSums, other.logSums));
  }
}
