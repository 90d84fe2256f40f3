package io.proxytune.core.family;

import io.proxytune.core.decoder.Activation;
import io.proxytune.core.decoder.AttentionSpec;
import io.proxytune.core.decoder.DecoderSpec;
import io.proxytune.core.decoder.LayerSpec;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Phi 1 and 2 (arXiv 2306.11644): attention and MLP beside each other behind one norm. Phi 3 (arXiv
 * 2404.14219) and 4: Llama with fused projections.
 */
final class Phi {
  private Phi() {}

  static DecoderSpec describe(Source source) {
    Outline phi =
        new Outline(
            source,
            Style.LLAMA
                .withEpsilon("layer_norm_eps", 1e-5)
                .withActivation(Activation.GELU_TANH)
                .withPartialRotation(0.5));
    return phi.decoder(
        layer ->
            LayerSpec.parallel(
                attention(layer),
                layer.plainMlp("mlp.fc1", "mlp.fc2", phi.inner(), true),
                layer.layerNorm("input_layernorm"),
                Optional.empty()),
        phi.head(phi.layerNorm("final_layernorm"), "lm_head", true, false));
  }

  private static AttentionSpec attention(LayerOutline layer) {
    Outline phi = layer.outline();
    AttentionSpec attention =
        layer.attention("self_attn.", "dense", Optional.of(phi.rotary()), true, true);
    return phi.flag("qk_layernorm")
        ? attention.withNorms(
            layer.layerNorm("self_attn.q_layernorm", phi.headDim()),
            layer.layerNorm("self_attn.k_layernorm", phi.headDim()))
        : attention;
  }

  static DecoderSpec describe3(Source source) {
    Outline phi = new Outline(source, Style.LLAMA.withEpsilon(1e-5).withPositions(4096));
    OptionalInt window = Windows.read(source.config());
    return phi.decoder(
        layer ->
            layer.preNorm(
                attention3(layer).withWindow(window),
                layer.fusedMlp("mlp.gate_up_proj", "mlp.down_proj", phi.inner())),
        phi.head(false));
  }

  private static AttentionSpec attention3(LayerOutline layer) {
    return layer.fusedAttention(
        "self_attn.qkv_proj",
        false,
        layer.linear("self_attn.o_proj", layer.queryWidth(), layer.width(), false),
        Optional.of(layer.outline().rotary()));
  }
}
