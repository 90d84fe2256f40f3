package io.proxytune.core.torch.model;

import io.proxytune.core.torch.TorchDevice;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Attention as two products around a softmax, for what the fused kernel lacks: capped scores, and
 * scores without a value.
 */
final class ProductsKernel extends AttentionKernel {
  /** The scores of all tokens at once would take memory with the square of a prompt's length. */
  static final int MOST_TOKENS = 128;

  ProductsKernel(AttentionShape shape, TorchDevice device, ScalarType dtype) {
    super(shape, device, dtype);
  }

  @Override
  int mostTokens() {
    return MOST_TOKENS;
  }

  @Override
  @Nullable Tensor mask(Span span) {
    return span.count() == 1 && !masks.ofOneToken()
        ? null
        : masks.of(span, shape.firstKey(span.position()), span.end());
  }

  @Override
  Tensor attend(
      Tensor queries, Span span, int layer, @Nullable Tensor mask, @Nullable Tensor sinks) {
    int first = shape.firstKey(span.position());
    Tensor keys = span.cache().keys(layer, first, span.end());
    Tensor values = span.cache().values(layer, first, span.end());
    return weighted(shape, queries, keys, values, mask, sinks);
  }

  /** The values of {@code [kvHeads, keys, headDim]}, weighted by their keys' scores. */
  static Tensor weighted(
      AttentionShape shape,
      Tensor queries,
      Tensor keys,
      Tensor values,
      @Nullable Tensor mask,
      @Nullable Tensor sinks) {
    Tensor products = torch.bmm(queries, keys.transpose(1, 2));
    return torch.bmm(shares(shape, products, mask, sinks), values);
  }

  /**
   * The shares of keys.
   *
   * @param products of queries and keys, {@code [kvHeads, rows, keys]}; not to be used any more
   * @param mask {@code [rows, last keys]}, or null: the keys before these are hidden from no row
   * @return of the same shape
   */
  static Tensor shares(
      AttentionShape shape, Tensor products, @Nullable Tensor mask, @Nullable Tensor sinks) {
    Tensor scores = products.mul_(new Scalar(shape.scale()));
    if (shape.cap().isPresent()) {
      Scalar cap = new Scalar(shape.cap().getAsDouble());
      scores = scores.div_(cap).tanh_().mul_(cap);
    }
    if (mask != null) {
      long masked = mask.size(-1);
      scores.narrow(2, scores.size(2) - masked, masked).add_(mask);
    }
    if (sinks == null) {
      return torch.softmax(scores, -1);
    }
    Tensor beside = besideScores(shape, sinks, scores);
    Tensor shares = torch.softmax(torch.cat(new TensorVector(scores, beside), 2), -1);
    return shares.narrow(2, 0, scores.size(2));
  }

  /** {@code [heads]} → {@code [kvHeads, group · tokens, 1]}. */
  private static Tensor besideScores(AttentionShape shape, Tensor sinks, Tensor scores) {
    long tokens = scores.size(1) / shape.group();
    return sinks
        .view(shape.kvHeads(), shape.group(), 1)
        .expand(shape.kvHeads(), shape.group(), tokens)
        .reshape(shape.kvHeads(), shape.group() * tokens, 1)
        .to(scores.scalar_type());
  }
}
