package io.proxytune.core.family;

import io.proxytune.core.decoder.AttentionSpec;
import io.proxytune.core.decoder.DecoderSpec;
import io.proxytune.core.decoder.LayerSpec;
import io.proxytune.core.decoder.MlpSpec;
import java.util.Optional;

/**
 * GLM-4 (arXiv 2406.12793): Llama that rotates half of a head, neighbours as pairs. GLM-4-0414:
 * norms also behind both parts.
 */
final class Glm {
  private static final Style STYLE =
      Style.LLAMA.withEpsilon(1.5625e-7).withPartialRotation(0.5).withPositions(131_072);

  private Glm() {}

  static DecoderSpec describe(Source source) {
    Outline glm = new Outline(source.withDefault("head_dim", 128), STYLE);
    return glm.decoder(layer -> layer.preNorm(attention(layer), mlp(layer)), glm.head(false));
  }

  static DecoderSpec describe4(Source source) {
    Outline glm = new Outline(source.withDefault("head_dim", 128), STYLE);
    return glm.decoder(
        layer ->
            LayerSpec.sandwich(
                attention(layer),
                mlp(layer),
                Optional.of(layer.rms("input_layernorm")),
                layer.rms("post_self_attn_layernorm"),
                Optional.of(layer.rms("post_attention_layernorm")),
                layer.rms("post_mlp_layernorm")),
        glm.head(false));
  }

  private static AttentionSpec attention(LayerOutline layer) {
    boolean bias = layer.outline().config().flag("attention_bias", true);
    return Rotation.ofNeighbours(layer.attention(bias, false));
  }

  private static MlpSpec mlp(LayerOutline layer) {
    return layer.fusedMlp("mlp.gate_up_proj", "mlp.down_proj", layer.outline().inner());
  }
}
