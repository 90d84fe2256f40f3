package io.proxytune.core.family;

import io.proxytune.core.config.ConfigJson;
import io.proxytune.core.decoder.Activation;
import io.proxytune.core.decoder.AttentionSpec;
import io.proxytune.core.decoder.DecoderSpec;
import io.proxytune.core.decoder.EmbeddingSpec;
import io.proxytune.core.decoder.HeadSpec;
import io.proxytune.core.decoder.LayerSpec;
import io.proxytune.core.decoder.NormSpec;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.function.BiFunction;

/**
 * Gemma 1 (arXiv 2403.08295) and 2 (arXiv 2408.00118): norms whose factors are stored less one, and
 * an embedding that is scaled by the root of its width. Gemma 2 caps scores and logits, and every
 * other layer has a window.
 */
final class Gemma {
  private static final String ACTIVATION = "hidden_activation";
  static final Style STYLE =
      Style.LLAMA.withPositions(8192).withActivation(ACTIVATION, Activation.GELU_TANH);

  private Gemma() {}

  static DecoderSpec describe(Source source) {
    ConfigJson config = source.config();
    Style style = STYLE.withActivation(activationKey(config), Activation.GELU_TANH);
    Outline gemma = new Outline(source.withDefault("head_dim", 256), style);
    boolean bias = gemma.flag("attention_bias");
    return gemma.decoder(
        embedding(gemma),
        layer ->
            LayerSpec.preNorm(
                layer.attention(bias, bias),
                layer.gatedMlp(false),
                norm(layer, "input_layernorm"),
                norm(layer, "post_attention_layernorm")),
        head(gemma));
  }

  // Configs from before there was a key for it say gelu and mean the approximation.
  private static String activationKey(ConfigJson config) {
    boolean isOld = config.text("hidden_act").filter("gelu"::equals).isPresent();
    return config.has(ACTIVATION) || isOld ? ACTIVATION : "hidden_act";
  }

  static DecoderSpec describe2(Source source) {
    return describe2(source, Gemma::sandwich);
  }

  /** VaultGemma (arXiv 2510.15001): Gemma 2 without the norms behind the parts. */
  static DecoderSpec describeVault(Source source) {
    return describe2(
        source,
        (layer, attention) ->
            LayerSpec.preNorm(
                attention,
                layer.gatedMlp(false),
                norm(layer, "input_layernorm"),
                norm(layer, "pre_feedforward_layernorm")));
  }

  private static DecoderSpec describe2(
      Source source, BiFunction<LayerOutline, AttentionSpec, LayerSpec> whole) {
    ConfigJson config = source.config();
    Outline gemma = new Outline(source.withDefault("head_dim", 256), STYLE);
    boolean bias = gemma.flag("attention_bias");
    OptionalInt window = Windows.read(config, 4096);
    return gemma.decoder(
        embedding(gemma),
        layer -> {
          boolean sliding = gemma.isSliding(layer.index(), layer.index() % 2 == 0);
          return whole.apply(
              layer,
              layer
                  .attention(bias, bias)
                  .withScale(scale(config))
                  .withScoreCap(cap(config, "attn_logit_softcapping", 50))
                  .withWindow(Windows.where(sliding, window)));
        },
        head(gemma).withCap(cap(config, "final_logit_softcapping", 30)));
  }

  static EmbeddingSpec embedding(Outline gemma) {
    return gemma.embedding().withScale(Math.sqrt(gemma.width()));
  }

  static LayerSpec sandwich(LayerOutline layer, AttentionSpec attention) {
    return LayerSpec.sandwich(
        attention,
        layer.gatedMlp(false),
        Optional.of(norm(layer, "input_layernorm")),
        norm(layer, "post_attention_layernorm"),
        Optional.of(norm(layer, "pre_feedforward_layernorm")),
        norm(layer, "post_feedforward_layernorm"));
  }

  static HeadSpec head(Outline gemma) {
    return gemma.head(gemma.rms("norm").plusOne(), true);
  }

  private static NormSpec norm(LayerOutline layer, String name) {
    return layer.rms(name).plusOne();
  }

  static double scale(ConfigJson config) {
    return 1 / Math.sqrt(config.positive("query_pre_attn_scalar", 256));
  }

  /** A cap; null says that there is none. */
  static OptionalDouble cap(ConfigJson config, String key, double absent) {
    boolean isNone = config.mentions(key) && !config.has(key);
    return isNone ? OptionalDouble.empty() : OptionalDouble.of(config.positive(key, absent));
  }
}
