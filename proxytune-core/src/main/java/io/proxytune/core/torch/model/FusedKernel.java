package io.proxytune.core.torch.model;

import io.proxytune.core.torch.TorchDevice;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/** Attention through LibTorch's fused kernel: for GPUs, and for float32 on the CPU. */
final class FusedKernel extends AttentionKernel {
  /** On the CPU it computes the scores of keys that none of the tokens at once may see. */
  private static final int MOST_TOKENS = 128;

  /**
   * For more tokens, copying the keys of a sequence side by side is little beside their products.
   */
  private static final int MOST_IN_PARTS = 16;

  /** Fewer keys that all tokens see are not worth being attended apart. */
  private static final int LEAST_PAST = 1024;

  private final TensorOptional noMask = Native.keep(new TensorOptional());
  private final DoubleOptional scale;
  private final boolean onCpu;

  FusedKernel(AttentionShape shape, TorchDevice device, ScalarType dtype) {
    super(shape, device, dtype);
    this.onCpu = device.isCpu();
    this.scale =
        Native.keep(
            shape.hasDefaultScale() ? new DoubleOptional() : new DoubleOptional(shape.scale()));
  }

  @Override
  int mostTokens() {
    return onCpu ? MOST_TOKENS : Integer.MAX_VALUE;
  }

  @Override
  @Nullable Tensor mask(Span span) {
    return span.count() == 1 && !masks.ofOneToken()
        ? null
        : masks.of(span, firstMasked(span), span.end());
  }

  private int firstMasked(Span span) {
    return isBehindMuch(span) ? span.position() : shape.firstKey(span.position());
  }

  /**
   * Whether the keys before a span are attended apart on the CPU, where the kernel reads a mask for
   * every head: none of them is hidden from any of its tokens.
   */
  private boolean isBehindMuch(Span span) {
    return onCpu
        && shape.takesParts()
        && span.count() > MOST_IN_PARTS
        && span.position() >= LEAST_PAST;
  }

  @Override
  Tensor attend(
      Tensor queries, Span span, int layer, @Nullable Tensor mask, @Nullable Tensor sinks) {
    if (span.cache().isShared(layer) && span.count() <= MOST_IN_PARTS) {
      return inParts(queries, span, layer, mask);
    }
    if (isBehindMuch(span)) {
      return behindMuch(queries, span, layer, mask);
    }
    int first = shape.firstKey(span.position());
    Tensor keys = span.cache().keys(layer, first, span.end());
    Tensor values = span.cache().values(layer, first, span.end());
    return torch
        .scaled_dot_product_attention(
            queries.unsqueeze(0),
            keys.unsqueeze(0),
            values.unsqueeze(0),
            mask == null ? noMask : new TensorOptional(mask),
            0.0,
            false,
            scale,
            false)
        .squeeze(0);
  }

  private Tensor behindMuch(Tensor queries, Span span, int layer, @Nullable Tensor mask) {
    int past = span.position();
    return part(queries, span, layer, past, span.end(), mask)
        .with(part(queries, span, layer, 0, past, null))
        .values();
  }

  private PartialAttention part(
      Tensor queries, Span span, int layer, int first, int end, @Nullable Tensor mask) {
    Tensor keys = span.cache().keys(layer, first, end);
    Tensor values = span.cache().values(layer, first, end);
    return PartialAttention.of(queries, keys, values, mask, shape.scale());
  }

  /** Without putting what is shared and what is the sequence's own side by side. */
  private Tensor inParts(Tensor queries, Span span, int layer, @Nullable Tensor mask) {
    KvCache cache = span.cache();
    int own = span.end() - cache.start();
    Tensor ownMask = mask == null ? null : mask.narrow(-1, cache.start(), own);
    PartialAttention attended = part(queries, cache.own(), layer, own, ownMask);
    for (KvMemory part : cache.parts()) {
      attended = attended.with(part(queries, part, layer, part.tokens(), null));
    }
    return attended.values();
  }

  private PartialAttention part(
      Tensor queries, KvMemory part, int layer, long tokens, @Nullable Tensor mask) {
    Tensor keys = part.view(layer, 0, 0, tokens);
    Tensor values = part.view(layer, 1, 0, tokens);
    return PartialAttention.of(queries, keys, values, mask, shape.scale());
  }

  @Override
  public void close() {
    super.close();
    noMask.close();
    scale.close();
  }
}
