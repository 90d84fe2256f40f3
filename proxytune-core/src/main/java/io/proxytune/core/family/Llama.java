package io.proxytune.core.family;

import io.proxytune.core.decoder.Activation;
import io.proxytune.core.decoder.AttentionSpec;
import io.proxytune.core.decoder.DecoderSpec;
import io.proxytune.core.decoder.LayerSpec;
import java.util.List;
import java.util.OptionalInt;

/** Llama 1 to 3 (arXiv 2302.13971), and what differs from it in little. */
final class Llama {
  private static final Style CWM =
      Style.LLAMA.withEpsilon(1e-5).withTheta(1e6).withPositions(131_072);

  private Llama() {}

  static DecoderSpec describe(Source source) {
    Outline llama = new Outline(source, Style.LLAMA);
    boolean bias = llama.flag("attention_bias");
    boolean mlpBias = llama.flag("mlp_bias");
    boolean causal = source.config().flag(Family.CAUSAL, true);
    return llama.decoder(
        layer -> {
          AttentionSpec attention = layer.attention(bias, bias);
          return layer.preNorm(
              causal ? attention : attention.bidirectional(), layer.gatedMlp(mlpBias));
        },
        llama.head(false));
  }

  /** Arcee: an MLP without a gate. */
  static DecoderSpec describeArcee(Source source) {
    Outline arcee =
        new Outline(
            source,
            Style.LLAMA
                .withEpsilon(1e-5)
                .withActivation(Activation.RELU_SQUARED)
                .withPositions(4096));
    boolean bias = arcee.flag("attention_bias");
    boolean mlpBias = arcee.flag("mlp_bias");
    return arcee.decoder(
        layer ->
            layer.preNorm(
                layer.attention(bias, bias),
                layer.plainMlp("mlp.up_proj", "mlp.down_proj", arcee.inner(), mlpBias)),
        arcee.head(false));
  }

  /** Helium: neighbours are rotated as pairs. */
  static DecoderSpec describeHelium(Source source) {
    Outline helium =
        new Outline(source, Style.LLAMA.withEpsilon(1e-8).withTheta(100_000).withPositions(4096));
    boolean bias = helium.flag("attention_bias");
    boolean mlpBias = helium.flag("mlp_bias");
    return helium.decoder(
        layer ->
            layer.preNorm(
                Rotation.ofNeighbours(layer.attention(bias, false)), layer.gatedMlp(mlpBias)),
        helium.head(false));
  }

  /** Seed-OSS: biases of queries, keys and values alone. */
  static DecoderSpec describeSeedOss(Source source) {
    Outline seed = new Outline(source, Style.LLAMA.withPositions(524_288));
    boolean inBias = source.config().flag("attention_bias", true);
    boolean outBias = seed.flag("attention_out_bias");
    boolean mlpBias = seed.flag("mlp_bias");
    return seed.decoder(
        layer -> layer.preNorm(layer.attention(inBias, outBias), layer.gatedMlp(mlpBias)),
        seed.head(false));
  }

  /** InternLM 3: biases by keys of its own, or by Llama's as transformers saves them. */
  static DecoderSpec describeInternLm3(Source source) {
    Outline intern =
        new Outline(
            source.withDefault("head_dim", 128),
            Style.LLAMA.withEpsilon(1e-5).withPositions(32_768));
    boolean inBias = source.config().flag("qkv_bias", intern.flag("attention_bias"));
    boolean bias = source.config().flag("bias", intern.flag("mlp_bias"));
    return intern.decoder(
        layer -> layer.preNorm(layer.attention(inBias, bias), layer.gatedMlp(bias)),
        intern.head(false));
  }

  /** Code World Model (arXiv 2510.02387): windows in three of four layers. */
  static DecoderSpec describeCwm(Source source) {
    Outline cwm = new Outline(source.withDefault("head_dim", 128), CWM);
    OptionalInt window = Windows.read(source.config(), 8192);
    boolean mlpBias = cwm.flag("mlp_bias");
    return cwm.decoder(
        layer -> {
          boolean sliding = cwm.isSliding(layer.index(), layer.index() % 4 != 0);
          return layer.preNorm(
              layer.attention(false, false).withWindow(Windows.where(sliding, window)),
              layer.gatedMlp(mlpBias));
        },
        cwm.head(false));
  }

  /** IQuest-Coder: Llama under a name of its own. */
  static DecoderSpec describeIQuest(Source source) {
    for (String key : List.of("clip_qkv", "use_sliding_window")) {
      if (source.config().isSet(key) && !source.config().isZero(key)) {
        throw source.config().refusal(key, "absent: transformers computes IQuest-Coder without it");
      }
    }
    Outline coder =
        new Outline(
            source.withDefault("head_dim", 128),
            Style.LLAMA.withEpsilon(1e-5).withPositions(131_072));
    boolean bias = coder.flag("attention_bias");
    boolean mlpBias = coder.flag("mlp_bias");
    return coder.decoder(
        layer -> layer.preNorm(layer.attention(bias, bias), layer.gatedMlp(mlpBias)),
        coder.head(false));
  }

  /** Jais 2: means taken away by its norms, squared ReLU without a gate, and biases. */
  static DecoderSpec describeJais2(Source source) {
    Outline jais =
        new Outline(
            source,
            Style.LLAMA
                .withEpsilon("layer_norm_eps", 1e-5)
                .withActivation(Activation.RELU_SQUARED)
                .withPositions(8192));
    boolean bias = source.config().flag("attention_bias", true);
    boolean mlpBias = source.config().flag("mlp_bias", true);
    return jais.decoder(
        layer ->
            LayerSpec.preNorm(
                layer.attention(bias, bias),
                layer.plainMlp("mlp.up_proj", "mlp.down_proj", jais.inner(), mlpBias),
                layer.layerNorm("input_layernorm"),
                layer.layerNorm("post_attention_layernorm")),
        jais.head(jais.layerNorm("norm"), false));
  }
}
