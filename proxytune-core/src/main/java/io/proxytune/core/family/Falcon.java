package io.proxytune.core.family;

import io.proxytune.core.config.ConfigJson;
import io.proxytune.core.decoder.Activation;
import io.proxytune.core.decoder.AttentionSpec;
import io.proxytune.core.decoder.DecoderSpec;
import io.proxytune.core.decoder.LayerSpec;
import io.proxytune.core.decoder.LinearSpec;
import io.proxytune.core.decoder.MlpSpec;
import java.util.Optional;

/** Falcon (arXiv 2311.16867): few key heads, both parts beside each other. */
final class Falcon {
  private final ConfigJson config;
  private final Outline falcon;
  private final boolean isNew;
  private final boolean bias;

  private Falcon(Source source) {
    this.config = source.config();
    this.isNew = config.flag("new_decoder_architecture", false);
    this.bias = config.flag("bias", false);
    this.falcon = new Outline(source.withDefault("num_key_value_heads", kvHeads()), style());
  }

  static DecoderSpec describe(Source source) {
    if (source.config().flag("alibi", false)) {
      throw source
          .config()
          .refusal("alibi", "false: Falcon's scores that fall with the distance are not supported");
    }
    return new Falcon(source).decoder();
  }

  private static Style style() {
    return Style.LLAMA
        .withNames("transformer.", "h.")
        .withKeys(
            new Keys(
                "hidden_size",
                "n_layer",
                "n_head",
                "num_key_value_heads",
                "ffn_hidden_size",
                "max_position_embeddings",
                "layer_norm_epsilon",
                "activation"))
        .withEpsilon(1e-5)
        .withActivation(Activation.GELU);
  }

  private int kvHeads() {
    int heads = config.positiveInt(config.has("n_head") ? "n_head" : "num_attention_heads");
    if (!isNew && config.flag("multi_query", true)) {
      return 1;
    }
    return isNew
        ? config.positiveInt(config.has("n_head_kv") ? "n_head_kv" : "num_kv_heads", heads)
        : heads;
  }

  private DecoderSpec decoder() {
    return falcon.decoder(
        falcon.embedding("word_embeddings"),
        this::layer,
        falcon.head(falcon.layerNorm("ln_f"), true));
  }

  private LayerSpec layer(LayerOutline layer) {
    MlpSpec mlp =
        layer.plainMlp(
            "mlp.dense_h_to_4h", "mlp.dense_4h_to_h", falcon.inner(4 * falcon.width()), bias);
    if (!isNew && !config.flag("parallel_attn", true)) {
      return LayerSpec.preNorm(
          attention(layer),
          mlp,
          layer.layerNorm("input_layernorm"),
          layer.layerNorm("post_attention_layernorm"));
    }
    boolean hasTwo = isNew && config.positiveInt("num_ln_in_parallel_attn", 2) == 2;
    return hasTwo
        ? LayerSpec.parallel(
            attention(layer),
            mlp,
            layer.layerNorm("ln_attn"),
            Optional.of(layer.layerNorm("ln_mlp")))
        : LayerSpec.parallel(
            attention(layer), mlp, layer.layerNorm("input_layernorm"), Optional.empty());
  }

  private AttentionSpec attention(LayerOutline layer) {
    LinearSpec output =
        layer.linear("self_attention.dense", layer.queryWidth(), layer.width(), bias);
    return layer.blockedAttention(
        "self_attention.query_key_value", bias, output, Optional.of(falcon.rotary()));
  }
}
