package io.proxytune.core.torch.model;

import static java.util.Objects.requireNonNull;

import io.proxytune.core.torch.TorchDevice;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Attention of a 16-bit model on the CPU, with keys and values kept in float32: LibTorch's fused
 * kernel is fast in float32 and many times slower in bfloat16, and the product of one query with
 * bfloat16 keys costs more than reading twice the bytes.
 *
 * <p>For many tokens at once oneDNN's bfloat16 products around a softmax are faster. oneDNN
 * compiles a kernel for each new shape, so keys are read in whole blocks and those behind the last
 * token are masked: a new shape comes once in {@link KvCache#BLOCK} tokens. A head's rows are
 * attended a few at a time, so that their scores stay in the cache between product and softmax.
 */
final class BFloat16Kernel extends AttentionKernel {
  /** From here on the conversion of the keys and values to bfloat16 is worth its time. */
  private static final int MANY_TOKENS = 17;

  /**
   * No more tokens at once: products with keys that none of them may see cost as much as others.
   */
  private static final int MOST_TOKENS = 128;

  /**
   * Of all scores at once: 8 MiB. Half as many were slower over any number of keys, twice as many
   * over 16,384 and a little faster over 32,768.
   */
  private static final long MOST_SCORES = 1 << 22;

  private final boolean fastProducts;
  private final AttentionKernel wide;
  private final Scalar scale;

  /**
   * Takes the CPU.
   *
   * @param wide what attends in float32, where that is faster; this kernel's from now on
   * @param fastProducts whether the model is bfloat16 and oneDNN has such products on this
   *     processor
   */
  BFloat16Kernel(AttentionKernel wide, boolean fastProducts) {
    super(wide.shape, TorchDevice.CPU, ScalarType.Float);
    this.fastProducts = fastProducts && !shape.sinks();
    this.wide = wide;
    this.scale = Native.keep(new Scalar(shape.scale()));
  }

  private boolean isMany(Span span) {
    return fastProducts && span.count() >= MANY_TOKENS;
  }

  @Override
  RowwiseKernel.Limits rowwise() {
    return wide.rowwise();
  }

  @Override
  int mostTokens() {
    return fastProducts ? MOST_TOKENS : wide.mostTokens();
  }

  @Override
  @Nullable Tensor mask(Span span) {
    return isMany(span)
        ? masks.of(span, firstMasked(span), wholeBlocks(span.end())).to(ScalarType.BFloat16)
        : wide.mask(span);
  }

  /** Keys of earlier passes are hidden from no token, unless they may be too far away. */
  private long firstMasked(Span span) {
    return shape.takesParts()
        ? span.position() / KvCache.BLOCK * (long) KvCache.BLOCK
        : firstBlock(span);
  }

  private long firstBlock(Span span) {
    return shape.firstKey(span.position()) / KvCache.BLOCK * (long) KvCache.BLOCK;
  }

  private static long wholeBlocks(long tokens) {
    return (tokens + KvCache.BLOCK - 1) / KvCache.BLOCK * KvCache.BLOCK;
  }

  @Override
  Tensor attend(
      Tensor queries, Span span, int layer, @Nullable Tensor mask, @Nullable Tensor sinks) {
    return isMany(span)
        ? products(queries, span, layer, requireNonNull(mask, "mask"))
        : wide.attend(queries.to(ScalarType.Float), span, layer, mask, sinks)
            .to(queries.scalar_type());
  }

  private Tensor products(Tensor queries, Span span, int layer, Tensor mask) {
    long first = firstBlock(span);
    long end = wholeBlocks(span.end());
    Tensor keys = span.cache().keys(layer, first, end).to(ScalarType.BFloat16).transpose(1, 2);
    Tensor values = span.cache().values(layer, first, end).to(ScalarType.BFloat16);
    Tensor attended = torch.empty_like(queries);
    Heads all = new Heads(queries, keys, values, mask, attended);
    long rows = queries.size(1);
    long scores = rows * (end - first);
    long heads = Math.max(1, MOST_SCORES / scores);
    long atOnce = rowsAtOnce(rows, end - first);
    RowChunks.each(
        shape.kvHeads(),
        heads,
        (head, count) -> {
          Heads some = all.narrow(head, count);
          RowChunks.each(rows, atOnce, (row, these) -> some.attend(shape, row, these));
        });
    return attended;
  }

  /** So many that all parts are alike, if the rows can be halved often enough. */
  private static long rowsAtOnce(long rows, long keys) {
    long atOnce = rows;
    while (atOnce > 1 && atOnce * keys > MOST_SCORES) {
      atOnce = (atOnce + 1) / 2;
    }
    return atOnce;
  }

  /**
   * Key heads.
   *
   * @param queries {@code [kvHeads, rows, headDim]}, and so is what is attended
   * @param keys {@code [kvHeads, headDim, keys]}
   * @param values {@code [kvHeads, keys, headDim]}
   * @param mask {@code [rows, last keys]}, or that of each key head
   */
  private record Heads(Tensor queries, Tensor keys, Tensor values, Tensor mask, Tensor attended) {
    Heads narrow(long first, long count) {
      return new Heads(
          queries.narrow(0, first, count),
          keys.narrow(0, first, count),
          values.narrow(0, first, count),
          mask.dim() == 2 ? mask : mask.narrow(0, first, count),
          attended.narrow(0, first, count));
    }

    void attend(AttentionShape shape, long row, long count) {
      Tensor products = torch.bmm(queries.narrow(1, row, count), keys);
      Tensor shares = ProductsKernel.shares(shape, products, mask.narrow(-2, row, count), null);
      attended.narrow(1, row, count).copy_(torch.bmm(shares, values));
    }
  }

  @Override
  public void close() {
    super.close();
    wide.close();
    scale.close();
  }
}
