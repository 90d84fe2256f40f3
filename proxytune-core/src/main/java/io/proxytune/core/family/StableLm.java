package io.proxytune.core.family;

import io.proxytune.core.decoder.AttentionSpec;
import io.proxytune.core.decoder.DecoderSpec;
import io.proxytune.core.decoder.LayerSpec;
import java.util.Optional;

/** StableLM 2 (arXiv 2402.17834): Llama with LayerNorm that rotates a quarter of a head. */
final class StableLm {
  private static final String HEAD_NORMS = "qk_layernorm";

  private StableLm() {}

  static DecoderSpec describe(Source source) {
    if (source.config().flag(HEAD_NORMS, false)) {
      throw source
          .config()
          .refusal(HEAD_NORMS, "false: a norm in a tensor of its own for each head is not read");
    }
    Outline stable =
        new Outline(
            source,
            Style.LLAMA
                .withEpsilon("layer_norm_eps", 1e-5)
                .withPartialRotation(0.25)
                .withPositions(4096));
    return stable.decoder(StableLm::layer, stable.head(stable.layerNorm("norm"), false));
  }

  private static LayerSpec layer(LayerOutline layer) {
    Outline stable = layer.outline();
    AttentionSpec attention = layer.attention(stable.flag("use_qkv_bias"), false);
    return stable.flag("use_parallel_residual")
        ? LayerSpec.parallel(
            attention, layer.gatedMlp(false), layer.layerNorm("input_layernorm"), Optional.empty())
        : LayerSpec.preNorm(
            attention,
            layer.gatedMlp(false),
            layer.layerNorm("input_layernorm"),
            layer.layerNorm("post_attention_layernorm"));
  }
}
