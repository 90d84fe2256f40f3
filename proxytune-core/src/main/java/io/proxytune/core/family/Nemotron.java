package io.proxytune.core.family;

import io.proxytune.core.decoder.Activation;
import io.proxytune.core.decoder.DecoderSpec;
import io.proxytune.core.decoder.LayerSpec;

/** Nemotron (arXiv 2402.16819): norms whose factors are stored less one, squared ReLU. */
final class Nemotron {
  private Nemotron() {}

  static DecoderSpec describe(Source source) {
    Outline nemotron =
        new Outline(
            source,
            Style.LLAMA
                .withEpsilon("norm_eps", 1e-5)
                .withActivation(Activation.RELU_SQUARED)
                .withPartialRotation(0.5)
                .withPositions(4096));
    boolean bias = nemotron.flag("attention_bias");
    boolean mlpBias = nemotron.flag("mlp_bias");
    return nemotron.decoder(
        layer ->
            LayerSpec.preNorm(
                layer.attention(bias, bias),
                layer.plainMlp("mlp.up_proj", "mlp.down_proj", nemotron.inner(), mlpBias),
                layer.layerNorm("input_layernorm").plusOne(),
                layer.layerNorm("post_attention_layernorm").plusOne()),
        nemotron.head(nemotron.layerNorm("norm").plusOne(), false));
  }
}
