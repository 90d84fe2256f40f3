package io.proxytune.core.torch.model;

import io.proxytune.core.checkpoint.DecoderConfig;
import io.proxytune.core.torch.TorchDevice;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Attention of a bfloat16 model on the CPU, with keys and values kept in float32: LibTorch's fused
 * kernel is fast in float32 and many times slower in bfloat16, and the product of one query with
 * bfloat16 keys costs more than reading twice the bytes.
 *
 * <p>For many tokens at once oneDNN's bfloat16 products around a softmax are faster. oneDNN
 * compiles a kernel for each new shape, so keys are read in whole blocks and those behind the last
 * token are masked: a new shape comes once in {@link KvCache#BLOCK} tokens.
 */
final class BFloat16Attention extends Attention {
  /** From here on the conversion of the keys and values to bfloat16 is worth its time. */
  private static final int MANY_TOKENS = 17;

  /**
   * No more tokens at once: products with keys that none of them may see cost as much as others.
   */
  private static final int MOST_TOKENS = 128;

  private final boolean fastProducts;
  private final FusedAttention fused;
  private final Scalar one = Native.keep(new Scalar(1.0));
  private final Scalar scale;

  /**
   * Takes the CPU.
   *
   * @param fastProducts whether oneDNN has bfloat16 products on this processor
   */
  BFloat16Attention(DecoderConfig config, TorchDevice device, boolean fastProducts) {
    super(config, device, ScalarType.Float);
    this.fastProducts = fastProducts;
    this.fused = new FusedAttention(config, device, ScalarType.Float);
    this.scale = Native.keep(new Scalar(1 / Math.sqrt(config.headDim())));
  }

  private boolean isMany(Span span) {
    return fastProducts && span.count() >= MANY_TOKENS;
  }

  @Override
  int mostTokens() {
    return fastProducts ? MOST_TOKENS : super.mostTokens();
  }

  @Override
  @Nullable Tensor mask(Span span) {
    return isMany(span)
        ? causalMask(span, wholeBlocks(span.end())).to(ScalarType.BFloat16)
        : fused.mask(span);
  }

  private static long wholeBlocks(long tokens) {
    return (tokens + KvCache.BLOCK - 1) / KvCache.BLOCK * KvCache.BLOCK;
  }

  @Override
  Tensor attend(Tensor queries, Span span, int layer, @Nullable Tensor mask) {
    return isMany(span)
        ? products(queries, span, layer, mask)
        : fused.attend(queries.to(ScalarType.Float), span, layer, mask).to(ScalarType.BFloat16);
  }

  private Tensor products(Tensor queries, Span span, int layer, @Nullable Tensor mask) {
    long keyCount = wholeBlocks(span.end());
    Tensor keys = span.cache().keys(layer, keyCount).to(ScalarType.BFloat16);
    Tensor scores = torch.baddbmm(mask, queries, keys.transpose(1, 2), one, scale);
    Tensor values = span.cache().values(layer, keyCount).to(ScalarType.BFloat16);
    return torch.bmm(torch.softmax(scores, -1), values);
  }

  @Override
  public void close() {
    fused.close();
    one.close();
    scale.close();
  }
}
