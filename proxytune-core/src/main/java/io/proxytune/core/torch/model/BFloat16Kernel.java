package io.proxytune.core.torch.model;

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
 * token are masked: a new shape comes once in {@link KvCache#BLOCK} tokens.
 */
final class BFloat16Kernel extends AttentionKernel {
  /** From here on the conversion of the keys and values to bfloat16 is worth its time. */
  private static final int MANY_TOKENS = 17;

  /**
   * No more tokens at once: products with keys that none of them may see cost as much as others.
   */
  private static final int MOST_TOKENS = 128;

  private final boolean fastProducts;
  private final AttentionKernel wide;
  private final Scalar one = Native.keep(new Scalar(1.0));
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
        ? masks.of(span, firstBlock(span), wholeBlocks(span.end())).to(ScalarType.BFloat16)
        : wide.mask(span);
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
        ? products(queries, span, layer, mask)
        : wide.attend(queries.to(ScalarType.Float), span, layer, mask, sinks)
            .to(queries.scalar_type());
  }

  private Tensor products(Tensor queries, Span span, int layer, @Nullable Tensor mask) {
    long first = firstBlock(span);
    long end = wholeBlocks(span.end());
    Tensor keys = span.cache().keys(layer, first, end).to(ScalarType.BFloat16);
    Tensor values = span.cache().values(layer, first, end).to(ScalarType.BFloat16);
    if (shape.cap().isPresent()) {
      return ProductsKernel.weighted(shape, queries, keys, values, mask, null);
    }
    Tensor scores = torch.baddbmm(mask, queries, keys.transpose(1, 2), one, scale);
    return torch.bmm(torch.softmax(scores, -1), values);
  }

  @Override
  public void close() {
    super.close();
    wide.close();
    one.close();
    scale.close();
  }
}
