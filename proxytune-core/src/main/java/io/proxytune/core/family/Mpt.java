package io.proxytune.core.family;

import io.proxytune.core.config.ConfigJson;
import io.proxytune.core.decoder.Activation;
import io.proxytune.core.decoder.AttentionSpec;
import io.proxytune.core.decoder.DecoderSpec;
import io.proxytune.core.decoder.LayerSpec;
import io.proxytune.core.decoder.MlpSpec;
import java.util.Optional;
import java.util.OptionalDouble;

/** MPT: no biases, scores that fall with the distance (arXiv 2108.12409). */
final class Mpt {
  private static final Style STYLE =
      Style.LLAMA
          .withNames("transformer.", "blocks.")
          .withKeys(
              new Keys(
                  "d_model",
                  "n_layers",
                  "n_heads",
                  "num_key_value_heads",
                  "intermediate_size",
                  "max_seq_len",
                  "layer_norm_epsilon",
                  "hidden_act"))
          .withEpsilon(1e-5)
          .withActivation(Activation.GELU);

  private Mpt() {}

  static DecoderSpec describe(Source source) {
    Optional<ConfigJson> attention = source.config().object("attn_config");
    attention.ifPresent(Mpt::check);
    Outline mpt = new Outline(source, STYLE);
    return mpt.decoder(
        mpt.positions(),
        mpt.embedding("wte"),
        layer ->
            LayerSpec.preNorm(
                attention(layer, attention),
                mlp(layer),
                layer.layerNorm("norm_1").withoutBias(),
                layer.layerNorm("norm_2").withoutBias()),
        mpt.head(mpt.layerNorm("norm_f").withoutBias(), true));
  }

  private static void check(ConfigJson attention) {
    // transformers takes its slopes whatever the config says of them.
    if (!attention.flag("alibi", true)) {
      throw attention.refusal("alibi", "true");
    }
    if (attention.flag("qk_ln", false)) {
      throw attention.refusal("qk_ln", "false, as transformers does not read it");
    }
    if (attention.positive("alibi_bias_max", 8) != 8) {
      throw attention.refusal("alibi_bias_max", "8");
    }
  }

  private static AttentionSpec attention(LayerOutline layer, Optional<ConfigJson> config) {
    AttentionSpec attention =
        layer
            .fusedAttention(
                "attn.Wqkv",
                false,
                layer.linear("attn.out_proj", layer.width(), layer.width(), false),
                Optional.empty())
            .withLinearBias();
    OptionalDouble clip =
        config
            .filter(c -> c.has("clip_qkv"))
            .map(c -> OptionalDouble.of(c.positive("clip_qkv")))
            .orElse(OptionalDouble.empty());
    double scale =
        config.map(c -> c.positive("softmax_scale", attention.scale())).orElse(attention.scale());
    return attention.withClip(clip).withScale(scale);
  }

  private static MlpSpec mlp(LayerOutline layer) {
    int inner = 4 * layer.width();
    return layer.plainMlp("ffn.up_proj", "ffn.down_proj", inner, false);
  }
}
