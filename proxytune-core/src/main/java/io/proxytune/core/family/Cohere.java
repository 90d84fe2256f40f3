package io.proxytune.core.family;

import io.proxytune.core.config.ConfigJson;
import io.proxytune.core.decoder.AttentionSpec;
import io.proxytune.core.decoder.DecoderSpec;
import io.proxytune.core.decoder.HeadSpec;
import io.proxytune.core.decoder.LayerSpec;
import io.proxytune.core.decoder.NormSpec;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;

/**
 * Cohere's Command R: both parts beside each other, norms without biases, neighbours rotated as
 * pairs, scaled logits. Command R7B (arXiv 2504.00698): windows, and positions in their layers
 * alone.
 */
final class Cohere {
  private static final Style STYLE =
      Style.LLAMA.withEpsilon("layer_norm_eps", 1e-5).withTheta(500_000).withPositions(8192);

  private Cohere() {}

  static DecoderSpec describe(Source source) {
    return describe(new Outline(source, STYLE), Cohere::attention);
  }

  static DecoderSpec describe2(Source source) {
    Outline cohere = new Outline(source, STYLE.withTheta(10_000));
    ConfigJson config = source.config();
    OptionalInt window = Windows.read(config, 4096);
    int pattern = config.positiveInt("sliding_window_pattern", 4);
    return describe(
        cohere,
        layer -> {
          boolean sliding = cohere.isSliding(layer.index(), (layer.index() + 1) % pattern != 0);
          // transformers asks for the window, not for the type of the layer.
          return Rotation.where(sliding && window.isPresent(), plainAttention(layer))
              .withWindow(Windows.where(sliding, window));
        });
  }

  private static DecoderSpec describe(
      Outline cohere, Function<LayerOutline, AttentionSpec> attention) {
    HeadSpec head =
        cohere
            .head(cohere.layerNorm("norm").withoutBias(), true)
            .withScale(cohere.config().positive("logit_scale", 0.0625));
    return cohere.decoder(
        layer ->
            LayerSpec.parallel(
                attention.apply(layer),
                layer.gatedMlp(false),
                layer.layerNorm("input_layernorm").withoutBias(),
                Optional.empty()),
        head);
  }

  private static AttentionSpec plainAttention(LayerOutline layer) {
    boolean bias = layer.outline().flag("attention_bias");
    return Rotation.ofNeighbours(layer.attention(bias, bias));
  }

  private static AttentionSpec attention(LayerOutline layer) {
    Outline cohere = layer.outline();
    AttentionSpec attention = plainAttention(layer);
    return cohere.flag("use_qk_norm")
        ? attention.withNorms(
            norm(layer, "self_attn.q_norm", cohere.heads()),
            norm(layer, "self_attn.k_norm", cohere.kvHeads()))
        : attention;
  }

  /** A norm with factors of its own for each head. */
  private static NormSpec norm(LayerOutline layer, String name, int heads) {
    NormSpec norm = layer.layerNorm(name, layer.outline().headDim());
    return new NormSpec(
        norm.kind(), norm.size(), norm.epsilon(), norm.weight(), Optional.empty(), heads);
  }
}
