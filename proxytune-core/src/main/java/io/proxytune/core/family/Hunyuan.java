package io.proxytune.core.family;

import io.proxytune.core.config.ConfigJson;
import io.proxytune.core.config.RopeConfig;
import io.proxytune.core.decoder.AttentionSpec;
import io.proxytune.core.decoder.DecoderSpec;
import io.proxytune.core.decoder.ExpertsSpec;
import io.proxytune.core.decoder.FeedForwardSpec;
import io.proxytune.core.decoder.RopeScaling;
import io.proxytune.core.decoder.RotarySpec;
import java.util.Optional;
import java.util.function.Function;

/**
 * Hunyuan (arXiv 2411.02265): Llama with norms of queries and keys behind their rotation, whose
 * wavelengths may be stretched once for all lengths. Also with experts, beside an MLP for all
 * tokens.
 */
final class Hunyuan {
  private static final Style STYLE = Style.LLAMA.withEpsilon(1e-5);
  private static final String ALPHA = "alpha";

  private Hunyuan() {}

  static DecoderSpec describe(Source source) {
    return describe(source, layer -> layer.gatedMlp(false));
  }

  static DecoderSpec describeMoe(Source source) {
    return describe(source, Hunyuan::experts);
  }

  private static DecoderSpec describe(
      Source source, Function<LayerOutline, FeedForwardSpec> feedForward) {
    Outline hunyuan = new Outline(source, STYLE);
    Optional<RotarySpec> rotary = Optional.of(rotary(hunyuan));
    return hunyuan.decoder(
        layer -> layer.preNorm(attention(layer).withRotary(rotary), feedForward.apply(layer)),
        hunyuan.head(false));
  }

  private static AttentionSpec attention(LayerOutline layer) {
    int headDim = layer.outline().headDim();
    boolean bias = layer.outline().flag("attention_bias");
    return layer
        .attention(bias, bias)
        .withNorms(
            layer.rms("self_attn.query_layernorm", headDim),
            layer.rms("self_attn.key_layernorm", headDim))
        .rotatingFirst();
  }

  // With alpha, what is called dynamic depends on no length: the base alone grows.
  private static RotarySpec rotary(Outline hunyuan) {
    RopeConfig rope = hunyuan.rope();
    RotarySpec rotary = hunyuan.rotary();
    if (!(rope.scaling() instanceof RopeScaling.Dynamic) || !rope.source().has(ALPHA)) {
      return rotary;
    }
    double dims = rotary.dims();
    double theta = rotary.theta() * Math.pow(rope.source().positive(ALPHA), dims / (dims - 2));
    return new RotarySpec(rotary.dims(), false, theta, new RopeScaling.None());
  }

  private static ExpertsSpec experts(LayerOutline layer) {
    ConfigJson config = layer.outline().config();
    int count = Experts.count(config, 1);
    int active = Experts.active(config, "moe_topk", count, 1);
    return Experts.spec(
            layer.linear("mlp.gate.wg", layer.width(), count, false),
            active,
            true,
            new Experts(layer, "mlp", layer.outline().inner()).all(count))
        .withShared(
            layer.gatedMlp("mlp.shared_mlp", layer.outline().inner(), false), Optional.empty());
  }
}
