package io.proxytune.core.family;

import io.proxytune.core.decoder.Activation;
import io.proxytune.core.decoder.DecoderSpec;
import io.proxytune.core.decoder.LayerSpec;

/** Llama 1 to 3 (arXiv 2302.13971), and what differs from it in little. */
final class Llama {
  private Llama() {}

  static DecoderSpec describe(Source source) {
    Outline llama = new Outline(source, Style.LLAMA);
    boolean bias = llama.flag("attention_bias");
    boolean mlpBias = llama.flag("mlp_bias");
    return llama.decoder(
        layer -> layer.preNorm(layer.attention(bias, bias), layer.gatedMlp(mlpBias)),
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

  /** ERNIE 4.5: neighbours are rotated as pairs. */
  static DecoderSpec describeErnie(Source source) {
    Outline ernie =
        new Outline(
            source, Style.LLAMA.withEpsilon(1e-5).withTheta(500_000).withPositions(131_072));
    boolean bias = ernie.flag("use_bias");
    return ernie.decoder(layer -> ofNeighbours(layer, bias, bias, bias), ernie.head(true));
  }

  /** Helium: likewise. */
  static DecoderSpec describeHelium(Source source) {
    Outline helium =
        new Outline(source, Style.LLAMA.withEpsilon(1e-8).withTheta(100_000).withPositions(4096));
    boolean bias = helium.flag("attention_bias");
    boolean mlpBias = helium.flag("mlp_bias");
    return helium.decoder(layer -> ofNeighbours(layer, bias, false, mlpBias), helium.head(false));
  }

  private static LayerSpec ofNeighbours(
      LayerOutline layer, boolean inBias, boolean outBias, boolean mlpBias) {
    return layer.preNorm(
        Rotation.ofNeighbours(layer.attention(inBias, outBias)), layer.gatedMlp(mlpBias));
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
}
