package io.proxytune.core.family;

import io.proxytune.core.config.ConfigJson;
import io.proxytune.core.decoder.AttentionSpec;
import io.proxytune.core.decoder.DecoderSpec;
import io.proxytune.core.decoder.LayerSpec;
import io.proxytune.core.decoder.MlpSpec;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * GLM-4 (arXiv 2406.12793): Llama that rotates half of a head, neighbours as pairs. GLM-4-0414:
 * norms also behind both parts. GLM-4.5 (arXiv 2508.06471): experts in groups.
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

  static DecoderSpec describe4Moe(Source source) {
    ConfigJson config = source.config();
    Outline glm =
        new Outline(
            source.withDefault("norm_topk_prob", true).withDefault("n_shared_experts", 1),
            STYLE.withEpsilon(1e-5));
    boolean bias = glm.flag("attention_bias");
    int dense = config.natural("first_k_dense_replace").orElse(1);
    int inner = config.positiveInt("moe_intermediate_size", 1408);
    return glm.decoder(
        layer -> {
          AttentionSpec attention = layer.attention(bias, false);
          return layer.preNorm(
              glm.flag("use_qk_norm") ? normalized(layer, attention) : attention,
              layer.index() < dense
                  ? layer.gatedMlp(false)
                  : new Experts(layer, "mlp", inner).ofGroups());
        },
        glm.head(false));
  }

  /** Solar Open: GLM-4.5 with experts in every layer, and heads that are rotated whole. */
  static DecoderSpec describeSolar(Source source) {
    ConfigJson config = source.config();
    Outline solar =
        new Outline(
            source
                .withDefault("norm_topk_prob", true)
                .withDefault("n_shared_experts", 1)
                .withDefault("head_dim", 128),
            Style.LLAMA.withEpsilon(1e-5).withTheta(1e6).withPositions(131_072));
    boolean bias = solar.flag("attention_bias");
    int inner = config.positiveInt("moe_intermediate_size", 1280);
    return solar.decoder(
        layer ->
            layer.preNorm(
                layer.attention(bias, false), new Experts(layer, "mlp", inner).ofGroups()),
        solar.head(false));
  }

  /** dots.llm1 (arXiv 2506.05767): likewise, with windows. */
  static DecoderSpec describeDots(Source source) {
    ConfigJson config = source.config();
    Outline dots = new Outline(source, Style.LLAMA);
    boolean bias = dots.flag("attention_bias");
    int dense = config.natural("first_k_dense_replace").orElse(0);
    int inner = config.positiveInt("moe_intermediate_size", 1408);
    int first = config.natural("max_window_layers").orElse(62);
    OptionalInt window = Windows.read(config, 4096);
    return dots.decoder(
        layer -> {
          boolean sliding = dots.isSliding(layer.index(), layer.index() >= first);
          return layer.preNorm(
              normalized(layer, layer.attention(bias, bias))
                  .withWindow(Windows.where(sliding, window)),
              layer.index() < dense
                  ? layer.gatedMlp(false)
                  : new Experts(layer, "mlp", inner).ofGroups());
        },
        dots.head(false));
  }

  private static AttentionSpec normalized(LayerOutline layer, AttentionSpec attention) {
    int headDim = layer.outline().headDim();
    return attention.withNorms(
        layer.rms("self_attn.q_norm", headDim), layer.rms("self_attn.k_norm", headDim));
  }

  private static AttentionSpec attention(LayerOutline layer) {
    boolean bias = layer.outline().config().flag("attention_bias", true);
    return Rotation.ofNeighbours(layer.attention(bias, false));
  }

  private static MlpSpec mlp(LayerOutline layer) {
    return layer.fusedMlp("mlp.gate_up_proj", "mlp.down_proj", layer.outline().inner());
  }
}
