package io.proxytune.core.family;

import io.proxytune.core.decoder.AttentionSpec;
import io.proxytune.core.decoder.DecoderSpec;
import io.proxytune.core.decoder.LayerSpec;
import io.proxytune.core.decoder.MlpSpec;
import java.util.Optional;

/** InternLM 2 (arXiv 2403.17297): Llama with names of its own, one projection in blocks. */
final class InternLm2 {
  private InternLm2() {}

  static DecoderSpec describe(Source source) {
    Outline intern = new Outline(source, Style.LLAMA);
    boolean bias = source.config().flag("bias", true);
    return intern.decoder(
        intern.embedding("tok_embeddings"),
        layer ->
            LayerSpec.preNorm(
                attention(layer, bias),
                mlp(layer),
                layer.rms("attention_norm"),
                layer.rms("ffn_norm")),
        intern.head(intern.rms("norm"), "output", false, false));
  }

  private static AttentionSpec attention(LayerOutline layer, boolean bias) {
    return layer.blockedAttention(
        "attention.wqkv",
        bias,
        layer.linear("attention.wo", layer.queryWidth(), layer.width(), bias),
        Optional.of(layer.outline().rotary()));
  }

  private static MlpSpec mlp(LayerOutline layer) {
    int inner = layer.outline().inner();
    return new MlpSpec(
        layer.outline().activation(),
        Optional.of(layer.linear("feed_forward.w1", layer.width(), inner, false)),
        layer.linear("feed_forward.w3", layer.width(), inner, false),
        layer.linear("feed_forward.w2", inner, layer.width(), false));
  }
}
