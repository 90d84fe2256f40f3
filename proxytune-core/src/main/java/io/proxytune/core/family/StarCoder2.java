package io.proxytune.core.family;

import io.proxytune.core.decoder.Activation;
import io.proxytune.core.decoder.DecoderSpec;
import io.proxytune.core.decoder.LayerSpec;
import java.util.OptionalInt;

/** StarCoder 2 (arXiv 2402.19173): LayerNorm, biases, a plain MLP, a window. */
final class StarCoder2 {
  private StarCoder2() {}

  static DecoderSpec describe(Source source) {
    Outline coder =
        new Outline(
            source,
            Style.LLAMA
                .withEpsilon("norm_epsilon", 1e-5)
                .withActivation(Activation.GELU_TANH)
                .withPositions(4096));
    boolean bias = source.config().flag("use_bias", true);
    OptionalInt window = Windows.read(source.config());
    return coder.decoder(
        layer ->
            LayerSpec.preNorm(
                layer.attention(bias, bias).withWindow(window),
                layer.plainMlp("mlp.c_fc", "mlp.c_proj", coder.inner(), bias),
                layer.layerNorm("input_layernorm"),
                layer.layerNorm("post_attention_layernorm")),
        coder.head(coder.layerNorm("norm"), true));
  }
}
