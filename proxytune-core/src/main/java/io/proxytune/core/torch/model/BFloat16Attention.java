package io.proxytune.core.torch.model;

import io.proxytune.core.checkpoint.DecoderConfig;
import io.proxytune.core.torch.TorchDevice;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Attention as two matrix products around a softmax: for bfloat16 on the CPU, where the fused
 * kernel is many times slower. oneDNN compiles a kernel for each new shape, so keys are read in
 * whole blocks and those behind the last token are masked: a new shape comes once in {@link
 * KvCache#BLOCK} tokens.
 */
final class MatmulAttention extends Attention {
  private final Scalar one = Native.keep(new Scalar(1.0));
  private final Scalar scale;

  /** Room for a whole context of zeros, then a block of −∞: every single-token mask is a slice. */
  private final Tensor singleMasks;

  private final long zeros;

  MatmulAttention(DecoderConfig config, TorchDevice device, ScalarType dtype) {
    super(config, device, dtype);
    this.scale = Native.keep(new Scalar(1 / Math.sqrt(config.headDim())));
    this.zeros = config.contextLength();
    TensorOptions options = new TensorOptions(dtype);
    Tensor open = torch.zeros(new long[] {zeros}, options);
    Tensor hidden =
        torch.full(new long[] {KvCache.BLOCK}, new Scalar(Double.NEGATIVE_INFINITY), options);
    this.singleMasks = Native.keep(torch.cat(new TensorVector(open, hidden), 0));
  }

  @Override
  Tensor mask(Span span) {
    long keys = wholeBlocks(span.end());
    return span.count() == 1
        ? singleMasks.narrow(0, zeros - span.end(), keys)
        : causalMask(span, keys);
  }

  private static long wholeBlocks(long tokens) {
    return (tokens + KvCache.BLOCK - 1) / KvCache.BLOCK * KvCache.BLOCK;
  }

  @Override
  Tensor attend(Tensor queries, Span span, int layer, @Nullable Tensor mask) {
    long keys = wholeBlocks(span.end());
    Tensor transposed = span.cache().keys(layer, keys).transpose(1, 2);
    Tensor scores = torch.baddbmm(mask, queries, transposed, one, scale);
    return torch.bmm(torch.softmax(scores, -1), span.cache().values(layer, keys));
  }

  @Override
  public void close() {
    one.close();
    scale.close();
    singleMasks.close();
  }
}
