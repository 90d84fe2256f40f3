package io.proxytune.core.family;

import io.proxytune.core.config.ConfigJson;
import io.proxytune.core.decoder.AttentionSpec;
import io.proxytune.core.decoder.DecoderSpec;
import io.proxytune.core.decoder.LayerSpec;
import io.proxytune.core.decoder.MlpSpec;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * EXAONE 3 (arXiv 2408.03541): Llama under names of its own. EXAONE 4 (arXiv 2507.11407): norms
 * behind the parts, windows, and positions in their layers alone.
 */
final class Exaone {
  private static final Keys KEYS =
      new Keys(
          "hidden_size",
          "num_layers",
          "num_attention_heads",
          "num_key_value_heads",
          "intermediate_size",
          "max_position_embeddings",
          "layer_norm_epsilon",
          "activation_function");

  private Exaone() {}

  static DecoderSpec describe3(Source source) {
    Outline exaone =
        new Outline(
            source,
            Style.LLAMA
                .withKeys(KEYS)
                .withNames("transformer.", "h.")
                .withEpsilon(1e-5)
                .withTheta(500_000)
                .withPositions(4096));
    return exaone.decoder(
        exaone.embedding("wte"),
        layer ->
            LayerSpec.preNorm(
                layer.attention(
                    "attn.attention.", "out_proj", Optional.of(exaone.rotary()), false, false),
                mlp3(layer),
                layer.rms("ln_1"),
                layer.rms("ln_2")),
        exaone.head(exaone.rms("ln_f"), false));
  }

  private static MlpSpec mlp3(LayerOutline layer) {
    int width = layer.width();
    int inner = layer.outline().inner();
    return new MlpSpec(
        layer.outline().activation(),
        Optional.of(layer.linear("mlp.c_fc_0", width, inner, false)),
        layer.linear("mlp.c_fc_1", width, inner, false),
        layer.linear("mlp.c_proj", inner, width, false));
  }

  static DecoderSpec describe4(Source source) {
    Outline exaone = new Outline(source, Style.LLAMA.withEpsilon(1e-5));
    OptionalInt window = Windows.read(source.config(), 4096);
    int pattern = pattern(source.config());
    return exaone.decoder(
        layer -> {
          boolean sliding =
              exaone.isSliding(
                  layer.index(), window.isPresent() && (layer.index() + 1) % pattern != 0);
          return Olmo.postNorm(
              layer,
              Rotation.where(sliding || window.isEmpty(), attention4(layer))
                  .withWindow(Windows.where(sliding, window)));
        },
        exaone.head(false));
  }

  private static int pattern(ConfigJson config) {
    return config.natural("sliding_window_pattern").filter(every -> every > 0).orElse(4);
  }

  private static AttentionSpec attention4(LayerOutline layer) {
    int headDim = layer.outline().headDim();
    return layer
        .attention(false, false)
        .withNorms(layer.rms("self_attn.q_norm", headDim), layer.rms("self_attn.k_norm", headDim));
  }
}
