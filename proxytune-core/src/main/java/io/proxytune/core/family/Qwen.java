package io.proxytune.core.family;

import io.proxytune.core.config.ConfigJson;
import io.proxytune.core.decoder.AttentionSpec;
import io.proxytune.core.decoder.DecoderSpec;
import io.proxytune.core.decoder.ExpertsSpec;
import io.proxytune.core.decoder.FeedForwardSpec;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;

/**
 * Qwen 2 and 2.5 (arXiv 2407.10671): Llama with biases of queries, keys and values. Qwen 3 (arXiv
 * 2505.09388): norms of queries and keys in their place. Both also as mixtures of experts.
 */
final class Qwen {
  private static final Style STYLE = Style.LLAMA.withPositions(32_768);
  private static final int DEFAULT_WINDOW = 4096;
  private static final int DEFAULT_WINDOW_LAYERS = 28;

  private Qwen() {}

  static DecoderSpec describe2(Source source) {
    return describe(source, layer -> layer.attention(true, false));
  }

  static DecoderSpec describe3(Source source) {
    return describe(source.withDefault("head_dim", 128), Qwen::attention3);
  }

  private static DecoderSpec describe(
      Source source, Function<LayerOutline, AttentionSpec> attention) {
    Outline qwen = new Outline(source, STYLE);
    OptionalInt window = Windows.switched(source.config(), DEFAULT_WINDOW);
    int first = windowLayers(source.config());
    return qwen.decoder(
        layer -> {
          boolean sliding = qwen.isSliding(layer.index(), layer.index() >= first);
          return layer.preNorm(
              attention.apply(layer).withWindow(Windows.where(sliding, window)),
              layer.gatedMlp(false));
        },
        qwen.head(false));
  }

  private static AttentionSpec attention3(LayerOutline layer) {
    boolean bias = layer.outline().flag("attention_bias");
    int headDim = layer.outline().headDim();
    return layer
        .attention(bias, bias)
        .withNorms(layer.rms("self_attn.q_norm", headDim), layer.rms("self_attn.k_norm", headDim));
  }

  private static int windowLayers(ConfigJson config) {
    return config.natural("max_window_layers").orElse(DEFAULT_WINDOW_LAYERS);
  }

  static DecoderSpec describe2Moe(Source source) {
    Outline qwen = new Outline(source, STYLE);
    ConfigJson config = source.config();
    OptionalInt window = Windows.switched(config, DEFAULT_WINDOW);
    boolean bias = config.flag("qkv_bias", true);
    int last = windowLayers(config);
    return qwen.decoder(
        layer -> {
          int index = layer.index();
          boolean sliding = qwen.isSliding(index, index % 2 == 0 && index < last);
          return layer.preNorm(
              layer.attention(bias, false).withWindow(Windows.where(sliding, window)),
              isSparse(layer) ? experts2(layer) : layer.gatedMlp(false));
        },
        qwen.head(false));
  }

  private static ExpertsSpec experts2(LayerOutline layer) {
    ConfigJson config = layer.outline().config();
    int inner = config.positiveInt("shared_expert_intermediate_size", 5632);
    return new Experts(layer, "mlp", config.positiveInt("moe_intermediate_size", 1408))
        .spec("gate", 60, 4, config.flag("norm_topk_prob", false))
        .withShared(
            layer.gatedMlp("mlp.shared_expert", inner, false),
            Optional.of(layer.linear("mlp.shared_expert_gate", layer.width(), 1, false)));
  }

  static DecoderSpec describe3Moe(Source source) {
    Outline qwen = new Outline(source, STYLE);
    OptionalInt window = Windows.switched(source.config(), DEFAULT_WINDOW);
    return qwen.decoder(
        layer -> layer.preNorm(attention3(layer).withWindow(window), feedForward3(layer)),
        qwen.head(false));
  }

  private static FeedForwardSpec feedForward3(LayerOutline layer) {
    ConfigJson config = layer.outline().config();
    return isSparse(layer)
        ? new Experts(layer, "mlp", config.positiveInt("moe_intermediate_size", 768))
            .spec("gate", 128, 8, config.flag("norm_topk_prob", false))
        : layer.gatedMlp(false);
  }

  private static boolean isSparse(LayerOutline layer) {
    ConfigJson config = layer.outline().config();
    return (layer.index() + 1) % config.positiveInt("decoder_sparse_step", 1) == 0
        && !config.naturals("mlp_only_layers").orElse(Set.of()).contains(layer.index());
  }
}
