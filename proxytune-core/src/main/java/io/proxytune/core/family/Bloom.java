package io.proxytune.core.family;

import io.proxytune.core.config.ConfigJson;
import io.proxytune.core.decoder.Activation;
import io.proxytune.core.decoder.AttentionSpec;
import io.proxytune.core.decoder.DecoderSpec;
import io.proxytune.core.decoder.EmbeddingSpec;
import io.proxytune.core.decoder.LayerSpec;
import java.util.Optional;

/** BLOOM (arXiv 2211.05100): no positions, scores that fall with the distance. */
final class Bloom {
  private static final Style STYLE =
      Style.LLAMA
          .withNames("transformer.", "h.")
          .withKeys(
              new Keys(
                  "n_embed",
                  "n_layer",
                  "n_head",
                  "num_key_value_heads",
                  "intermediate_size",
                  "seq_length",
                  "layer_norm_epsilon",
                  "hidden_act"))
          .withEpsilon(1e-5)
          .withActivation(Activation.GELU_TANH);

  private Bloom() {}

  static DecoderSpec describe(Source source) {
    ConfigJson config = source.config();
    String afterNorm = "apply_residual_connection_post_layernorm";
    if (config.flag(afterNorm, false)) {
      throw config.refusal(afterNorm, "false, as no published model has it");
    }
    Outline bloom = new Outline(source, STYLE);
    return bloom.decoder(
        bloom.positions(),
        embedding(bloom),
        layer ->
            LayerSpec.preNorm(
                attention(layer),
                layer.plainMlp("mlp.dense_h_to_4h", "mlp.dense_4h_to_h", 4 * bloom.width(), true),
                layer.layerNorm("input_layernorm"),
                layer.layerNorm("post_attention_layernorm")),
        bloom.head(bloom.layerNorm("ln_f"), true));
  }

  private static EmbeddingSpec embedding(Outline bloom) {
    return bloom
        .embedding("word_embeddings")
        .withNorm(bloom.layerNorm("word_embeddings_layernorm"));
  }

  private static AttentionSpec attention(LayerOutline layer) {
    return layer
        .blockedAttention(
            "self_attention.query_key_value",
            true,
            layer.linear("self_attention.dense", layer.queryWidth(), layer.width(), true),
            Optional.empty())
        .withLinearBias();
  }
}
