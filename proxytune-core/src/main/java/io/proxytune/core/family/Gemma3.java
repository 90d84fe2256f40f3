package io.proxytune.core.family;

import io.proxytune.core.config.ConfigJson;
import io.proxytune.core.decoder.AttentionSpec;
import io.proxytune.core.decoder.DecoderSpec;
import io.proxytune.core.decoder.HeadSpec;
import io.proxytune.core.decoder.RopeScaling;
import io.proxytune.core.decoder.RotarySpec;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * Gemma 3 (arXiv 2503.19786): norms of queries and keys in place of Gemma 2's caps, five layers
 * with a window to one without, and a rotation of their own for those with one.
 */
final class Gemma3 {
  private static final Style STYLE = Gemma.STYLE.withTheta(1e6).withPositions(131_072);

  /** What published configs leave out. */
  private static final Map<String, Integer> DEFAULTS =
      Map.of(
          "vocab_size", 262_208,
          "hidden_size", 2304,
          "intermediate_size", 9216,
          "num_hidden_layers", 26,
          "num_attention_heads", 8,
          "num_key_value_heads", 4,
          "head_dim", 256);

  private final ConfigJson config;
  private final Outline gemma;
  private final OptionalInt window;
  private final int pattern;

  private Gemma3(Source source) {
    this.config = source.config();
    this.gemma = new Outline(source, STYLE);
    this.window = Windows.read(config, 4096);
    this.pattern = config.positiveInt("sliding_window_pattern", 6);
  }

  static DecoderSpec describe(Source source) {
    if (source.config().flag("use_bidirectional_attention", false)) {
      throw source
          .config()
          .refusal("use_bidirectional_attention", "false, as a decoder sees no later tokens");
    }
    Source complete = source;
    for (Map.Entry<String, Integer> entry : DEFAULTS.entrySet()) {
      complete = complete.withDefault(entry.getKey(), entry.getValue());
    }
    return new Gemma3(complete).decoder();
  }

  private DecoderSpec decoder() {
    RotarySpec inWindow = rotaryInWindow();
    RotarySpec everywhere = gemma.rotary("full_attention");
    HeadSpec head = Gemma.head(gemma).withCap(cap("final_logit_softcapping"));
    // The positions are stretched ones already.
    return gemma.decoder(
        gemma.positions(),
        Gemma.embedding(gemma),
        layer -> {
          boolean sliding = gemma.isSliding(layer.index(), (layer.index() + 1) % pattern != 0);
          return Gemma.sandwich(
              layer,
              attention(layer)
                  .withRotary(Optional.of(sliding ? inWindow : everywhere))
                  .withWindow(Windows.where(sliding, window)));
        },
        head);
  }

  private AttentionSpec attention(LayerOutline layer) {
    boolean bias = gemma.flag("attention_bias");
    int headDim = gemma.headDim();
    return layer
        .attention(bias, bias)
        .withNorms(
            layer.rms("self_attn.q_norm", headDim).plusOne(),
            layer.rms("self_attn.k_norm", headDim).plusOne())
        .withScale(Gemma.scale(config))
        .withScoreCap(cap("attn_logit_softcapping"));
  }

  // The older spelling has one key for it, and what it scales is the other rotation alone.
  private RotarySpec rotaryInWindow() {
    if (config
        .object("rope_parameters")
        .flatMap(rope -> rope.object("sliding_attention"))
        .isPresent()) {
      return gemma.rotary("sliding_attention");
    }
    double theta = config.positive("rope_local_base_freq", 10_000);
    return new RotarySpec(gemma.headDim(), false, theta, new RopeScaling.None());
  }

  private OptionalDouble cap(String key) {
    return config.has(key) ? OptionalDouble.of(config.positive(key)) : OptionalDouble.empty();
  }
}
