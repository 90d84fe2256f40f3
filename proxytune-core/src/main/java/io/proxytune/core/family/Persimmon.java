package io.proxytune.core.family;

import io.proxytune.core.decoder.Activation;
import io.proxytune.core.decoder.AttentionSpec;
import io.proxytune.core.decoder.DecoderSpec;
import io.proxytune.core.decoder.LayerSpec;
import java.util.Optional;

/** Persimmon: norms of queries and keys by mean and variance, squared ReLU. */
final class Persimmon {
  private Persimmon() {}

  static DecoderSpec describe(Source source) {
    Outline persimmon =
        new Outline(
            source,
            Style.LLAMA
                .withEpsilon("layer_norm_eps", 1e-5)
                .withActivation(Activation.RELU_SQUARED)
                .withPartialRotation(0.5)
                .withPositions(16_384));
    return persimmon.decoder(
        layer ->
            LayerSpec.preNorm(
                attention(layer),
                layer.plainMlp("mlp.dense_h_to_4h", "mlp.dense_4h_to_h", persimmon.inner(), true),
                layer.layerNorm("input_layernorm"),
                layer.layerNorm("post_attention_layernorm")),
        persimmon.head(persimmon.layerNorm("final_layernorm"), false));
  }

  private static AttentionSpec attention(LayerOutline layer) {
    Outline persimmon = layer.outline();
    AttentionSpec attention =
        layer.blockedAttention(
            "self_attn.query_key_value",
            true,
            layer.linear("self_attn.dense", layer.queryWidth(), layer.width(), true),
            Optional.of(persimmon.rotary()));
    int headDim = persimmon.headDim();
    return persimmon.config().flag("qk_layernorm", true)
        ? attention.withNorms(
            layer.layerNorm("self_attn.q_layernorm", headDim),
            layer.layerNorm("self_attn.k_layernorm", headDim))
        : attention;
  }
}
