package io.proxytune.core.torch.model;

import io.proxytune.core.checkpoint.DecoderConfig;
import io.proxytune.core.torch.TorchDevice;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Causal attention of new tokens over their own sequence's keys and values, with grouped queries
 * (arXiv 2305.13245): the queries that share a key head are stacked as more rows of it, so that
 * keys and values are read once and never repeated.
 *
 * <p>Subclasses compute {@code softmax(q kᵀ / √headDim + mask) v}. Immutable; safe for use by
 * several threads.
 */
abstract class Attention implements AutoCloseable {
  final DecoderConfig config;
  final TorchDevice device;

  /** What keys, values and masks are kept in. */
  final ScalarType dtype;

  private final int group; // query heads per key head

  Attention(DecoderConfig config, TorchDevice device, ScalarType dtype) {
    this.config = config;
    this.device = device;
    this.dtype = dtype;
    this.group = config.heads() / config.kvHeads();
  }

  /** What the caches of this attention's sequences hold. */
  final ScalarType cacheDType() {
    return dtype;
  }

  /** How many tokens of a sequence are best attended at once. */
  int mostTokens() {
    return Integer.MAX_VALUE;
  }

  /**
   * The mask that every layer of a pass uses for a span.
   *
   * @return {@code [rows, keys]} with −∞ where a row must not look, or null for none
   */
  abstract @Nullable Tensor mask(Span span);

  /**
   * Attends in one layer.
   *
   * @param queries {@code [kvHeads, rows, headDim]}, a row for each of the group's heads and tokens
   * @param mask what {@link #mask} gave
   * @return {@code [kvHeads, rows, headDim]}
   */
  abstract Tensor attend(Tensor queries, Span span, int layer, @Nullable Tensor mask);

  /**
   * Stores the new keys and values and attends.
   *
   * @param heads {@code [tokens, heads + 2 · kvHeads, headDim]}: queries, keys, values of the whole
   *     batch, rotated
   * @param spans where the sequences lie in it
   * @param masks the mask of each
   * @return {@code [tokens, heads · headDim]}
   */
  final Tensor apply(Tensor heads, List<Span> spans, List<@Nullable Tensor> masks, int layer) {
    if (spans.size() == 1) {
      return one(heads, spans.get(0), layer, masks.get(0));
    }
    TensorVector parts = new TensorVector();
    for (int i = 0; i < spans.size(); i++) {
      Span span = spans.get(i);
      Tensor own = heads.narrow(0, span.row(), span.count());
      parts.push_back(one(own, span, layer, masks.get(i)));
    }
    return torch.cat(parts, 0);
  }

  private Tensor one(Tensor heads, Span span, int layer, @Nullable Tensor mask) {
    Tensor stored = heads.narrow(1, config.heads(), 2L * config.kvHeads()).transpose(0, 1);
    span.cache().write(layer, span.position(), stored);
    return unfolded(attend(folded(heads, span.count()), span, layer, mask), span.count());
  }

  /** {@code [tokens, heads…, headDim]} → {@code [kvHeads, group · tokens, headDim]}. */
  private Tensor folded(Tensor heads, int tokens) {
    long dim = config.headDim();
    long perToken = (config.heads() + 2L * config.kvHeads()) * dim;
    if (tokens == 1) {
      return heads.as_strided(
          new long[] {config.kvHeads(), group, dim}, new long[] {group * dim, dim, 1});
    }
    return heads
        .as_strided(
            new long[] {config.kvHeads(), group, tokens, dim},
            new long[] {group * dim, dim, perToken, 1})
        .reshape(config.kvHeads(), (long) group * tokens, dim);
  }

  /**
   * The way back: {@code [kvHeads, group · tokens, headDim]} → {@code [tokens, heads · headDim]}.
   */
  private Tensor unfolded(Tensor attended, int tokens) {
    long width = (long) config.heads() * config.headDim();
    if (tokens == 1) {
      return attended.reshape(1, width);
    }
    return attended
        .reshape(config.kvHeads(), group, tokens, config.headDim())
        .permute(2, 0, 1, 3)
        .reshape(tokens, width);
  }

  /** Each token looks at itself and what is before it: {@code [group · tokens, keys]}. */
  final Tensor causalMask(Span span, long keys) {
    TensorOptions whole = new TensorOptions(ScalarType.Long);
    Tensor columns = torch.arange(new Scalar(keys), whole).unsqueeze(0);
    Tensor own =
        torch.arange(new Scalar(span.position()), new Scalar(span.end()), whole).unsqueeze(1);
    Tensor hidden = columns.gt(own);
    Tensor mask =
        torch
            .zeros(new long[] {span.count(), keys}, new TensorOptions(ScalarType.Float))
            .masked_fill_(hidden, new Scalar(Double.NEGATIVE_INFINITY))
            .to(device.toTorch(), dtype);
    return group == 1 ? mask : mask.repeat(group, 1);
  }

  @Override
  public void close() {}
}
