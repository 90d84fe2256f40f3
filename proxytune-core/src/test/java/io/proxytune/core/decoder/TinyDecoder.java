package io.proxytune.core.decoder;

import java.util.List;
import java.util.Optional;

/** Descriptions of decoders whose weights nobody reads. */
public final class TinyDecoder {
  private static final int WIDTH = 8;

  private TinyDecoder() {}

  /** Attention without position embeddings. */
  public static AttentionSpec attention(int heads, int kvHeads, int headDim) {
    return AttentionSpec.of(
        heads,
        kvHeads,
        headDim,
        LinearSpec.of("q", WIDTH, (long) heads * headDim, false),
        LinearSpec.of("k", WIDTH, (long) kvHeads * headDim, false),
        LinearSpec.of("v", WIDTH, (long) kvHeads * headDim, false),
        LinearSpec.of("o", (long) heads * headDim, WIDTH, false),
        Optional.empty());
  }

  /** One layer. */
  public static DecoderSpec of(AttentionSpec attention, int contextLength) {
    MlpSpec mlp =
        new MlpSpec(
            Activation.RELU,
            Optional.empty(),
            LinearSpec.of("up", WIDTH, WIDTH, false),
            LinearSpec.of("down", WIDTH, WIDTH, false));
    NormSpec norm = NormSpec.rms("norm", WIDTH, 1e-6);
    return new DecoderSpec(
        "Tiny",
        WIDTH,
        contextLength,
        EmbeddingSpec.of("embedding", WIDTH, WIDTH),
        List.of(LayerSpec.preNorm(attention, mlp, norm, norm)),
        HeadSpec.of(norm, LinearSpec.of("head", WIDTH, WIDTH, false), false));
  }
}
