package io.proxytune.core.torch.model;

import io.proxytune.core.checkpoint.DecoderConfig;
import io.proxytune.core.torch.TorchDevice;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/** Attention through LibTorch's fused kernel: for GPUs, and for float32 and float16 on the CPU. */
final class FusedAttention extends Attention {
  private final TensorOptional noMask = Native.keep(new TensorOptional());
  private final DoubleOptional defaultScale = Native.keep(new DoubleOptional());

  FusedAttention(DecoderConfig config, TorchDevice device, ScalarType dtype) {
    super(config, device, dtype);
  }

  @Override
  @Nullable Tensor mask(Span span) {
    return span.count() == 1 ? null : causalMask(span, span.end());
  }

  @Override
  Tensor attend(Tensor queries, Span span, int layer, @Nullable Tensor mask) {
    return torch
        .scaled_dot_product_attention(
            queries.unsqueeze(0),
            span.cache().keys(layer, span.end()).unsqueeze(0),
            span.cache().values(layer, span.end()).unsqueeze(0),
            mask == null ? noMask : new TensorOptional(mask),
            0.0,
            false,
            defaultScale,
            false)
        .squeeze(0);
  }

  @Override
  public void close() {
    noMask.close();
    defaultScale.close();
  }
}
