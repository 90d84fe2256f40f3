package io.proxytune.core.torch.model;

import io.proxytune.core.torch.TorchDevice;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Attention of new tokens over their own sequence's keys and values, with grouped queries (arXiv
 * 2305.13245): the queries that share a key head are stacked as more rows of it, so that keys and
 * values are read once and never repeated.
 *
 * <p>Subclasses compute {@code softmax(scale · q kᵀ + mask) v}. Immutable; safe for use by several
 * threads.
 */
abstract class AttentionKernel implements AutoCloseable {
  /** Behind so many tokens, the keys that none of a span's tokens may see are few of all. */
  private static final int FAR = 4096;

  /** The most tokens of a span that is far behind the first one. */
  private static final int MOST_TOKENS_AFAR = 512;

  final AttentionShape shape;
  final AttentionMasks masks;

  /** What keys, values and masks are kept in. */
  final ScalarType dtype;

  AttentionKernel(AttentionShape shape, TorchDevice device, ScalarType dtype) {
    this.shape = shape;
    this.masks = new AttentionMasks(shape, device, dtype);
    this.dtype = dtype;
  }

  /** What attends on a device, with keys and values in a dtype. */
  static AttentionKernel of(AttentionShape shape, TorchDevice device, ScalarType dtype) {
    AttentionKernel kernel =
        shape.isPlain()
            ? new FusedKernel(shape, device, dtype)
            : new ProductsKernel(shape, device, dtype);
    boolean isWide = device.isCpu() && dtype == ScalarType.Float;
    RowwiseKernel.Limits limits =
        isWide ? RowwiseKernel.Limits.here(shape) : RowwiseKernel.Limits.NOTHING;
    return limits.mostRows() == 0 ? kernel : new RowwiseKernel(kernel, limits);
  }

  /** What is attended row by row. */
  RowwiseKernel.Limits rowwise() {
    return RowwiseKernel.Limits.NOTHING;
  }

  /** What the caches of this attention's sequences hold. */
  final ScalarType cacheDType() {
    return dtype;
  }

  /** How many tokens of a sequence are best attended at once, if most of its keys are new. */
  int mostTokens() {
    return Integer.MAX_VALUE;
  }

  /**
   * The mask that every layer of a pass uses for a span.
   *
   * @return {@code [rows, keys]} or {@code [kvHeads, rows, keys]}, with −∞ where a row must not
   *     look, or null for none
   */
  abstract @Nullable Tensor mask(Span span);

  /**
   * Attends in one layer.
   *
   * @param queries {@code [kvHeads, rows, headDim]}, a row for each of the group's heads and tokens
   * @param mask what {@link #mask} gave
   * @param sinks {@code [heads]}, where the shape has them
   * @return {@code [kvHeads, rows, headDim]}
   */
  abstract Tensor attend(
      Tensor queries, Span span, int layer, @Nullable Tensor mask, @Nullable Tensor sinks);

  /** A batch's spans, each of at most {@link #mostTokens()}, and their masks. */
  record Parts(List<Span> spans, List<@Nullable Tensor> masks) {}

  /** Where the sequences of a batch lie, cut as this kernel wants them. */
  final Parts parts(List<Span> spans) {
    List<Span> parts = spans.stream().flatMap(this::split).toList();
    List<@Nullable Tensor> each = new ArrayList<>();
    parts.forEach(part -> each.add(mask(part)));
    return new Parts(parts, each);
  }

  private Stream<Span> split(Span span) {
    if (!shape.causal()) {
      return Stream.of(span);
    }
    boolean afar = shape.takesParts() && span.position() >= FAR;
    return span.split(afar ? Math.max(mostTokens(), MOST_TOKENS_AFAR) : mostTokens());
  }

  /**
   * Stores the new keys and values and attends.
   *
   * @param heads {@code [tokens, heads + 2 · kvHeads, headDim]}: queries, keys, values of the whole
   *     batch, rotated
   * @param parts where the sequences lie in it
   * @param sinks {@code [heads]}, where the shape has them
   * @return {@code [tokens, heads · headDim]}
   */
  final Tensor apply(Tensor heads, Parts parts, int layer, @Nullable Tensor sinks) {
    if (parts.spans.size() == 1) {
      return one(heads, parts.spans.get(0), layer, parts.masks.get(0), sinks);
    }
    TensorVector results = new TensorVector();
    for (int i = 0; i < parts.spans.size(); i++) {
      Span span = parts.spans.get(i);
      Tensor own = heads.narrow(0, span.row(), span.count());
      results.push_back(one(own, span, layer, parts.masks.get(i), sinks));
    }
    return torch.cat(results, 0);
  }

  private Tensor one(
      Tensor heads, Span span, int layer, @Nullable Tensor mask, @Nullable Tensor sinks) {
    Tensor stored = heads.narrow(1, shape.heads(), 2L * shape.kvHeads()).transpose(0, 1);
    span.cache().write(layer, span.position(), stored);
    Tensor attended = attend(folded(heads, span.count()), span, layer, mask, sinks);
    return unfolded(attended, span.count());
  }

  /** {@code [tokens, heads…, headDim]} → {@code [kvHeads, group · tokens, headDim]}. */
  private Tensor folded(Tensor heads, int tokens) {
    int kvHeads = shape.kvHeads();
    int group = shape.group();
    long dim = shape.headDim();
    long perToken = (shape.heads() + 2L * kvHeads) * dim;
    if (tokens == 1) {
      return heads.as_strided(new long[] {kvHeads, group, dim}, new long[] {group * dim, dim, 1});
    }
    return heads
        .as_strided(
            new long[] {kvHeads, group, tokens, dim}, new long[] {group * dim, dim, perToken, 1})
        .reshape(kvHeads, (long) group * tokens, dim);
  }

  /**
   * The way back: {@code [kvHeads, group · tokens, headDim]} → {@code [tokens, heads · headDim]}.
   */
  private Tensor unfolded(Tensor attended, int tokens) {
    long width = (long) shape.heads() * shape.headDim();
    if (tokens == 1) {
      return attended.reshape(1, width);
    }
    return attended
        .reshape(shape.kvHeads(), shape.group(), tokens, shape.headDim())
        .permute(2, 0, 1, 3)
        .reshape(tokens, width);
  }

  @Override
  public void close() {
    masks.close();
  }
}
