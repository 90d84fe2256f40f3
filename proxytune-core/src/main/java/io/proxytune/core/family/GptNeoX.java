package io.proxytune.core.family;

import io.proxytune.core.config.ConfigJson;
import io.proxytune.core.decoder.Activation;
import io.proxytune.core.decoder.AttentionSpec;
import io.proxytune.core.decoder.DecoderSpec;
import io.proxytune.core.decoder.LayerSpec;
import io.proxytune.core.decoder.MlpSpec;
import io.proxytune.core.decoder.NormSpec;
import java.util.Optional;

/** GPT-NeoX (arXiv 2204.06745) and Pythia: both parts beside each other, each behind its norm. */
final class GptNeoX {
  private GptNeoX() {}

  static DecoderSpec describe(Source source) {
    ConfigJson config = source.config();
    Outline neox =
        new Outline(
            source,
            Style.LLAMA
                .withNames("gpt_neox.", "layers.")
                .withEpsilon("layer_norm_eps", 1e-5)
                .withActivation(Activation.GELU)
                .withTheta(config.positive("rotary_emb_base", 10_000))
                .withPartialRotation(config.positive("rotary_pct", 0.25)));
    boolean parallel = config.flag("use_parallel_residual", true);
    String head = neox.stores("embed_out.weight") ? "embed_out" : "lm_head";
    return neox.decoder(
        neox.embedding("embed_in"),
        layer -> layer(layer, parallel),
        neox.head(neox.layerNorm("final_layer_norm"), head, false, false));
  }

  private static LayerSpec layer(LayerOutline layer, boolean parallel) {
    MlpSpec mlp =
        layer.plainMlp("mlp.dense_h_to_4h", "mlp.dense_4h_to_h", layer.outline().inner(), true);
    NormSpec first = layer.layerNorm("input_layernorm");
    NormSpec second = layer.layerNorm("post_attention_layernorm");
    return parallel
        ? LayerSpec.parallel(attention(layer), mlp, first, Optional.of(second))
        : LayerSpec.preNorm(attention(layer), mlp, first, second);
  }

  private static AttentionSpec attention(LayerOutline layer) {
    boolean bias = layer.outline().config().flag("attention_bias", true);
    return layer.blockedAttention(
        "attention.query_key_value",
        bias,
        layer.linear("attention.dense", layer.queryWidth(), layer.width(), bias),
        Optional.of(layer.outline().rotary()));
  }
}
