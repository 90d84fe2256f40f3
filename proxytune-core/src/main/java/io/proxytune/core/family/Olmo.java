package io.proxytune.core.family;

import io.proxytune.core.config.ConfigJson;
import io.proxytune.core.decoder.AttentionSpec;
import io.proxytune.core.decoder.DecoderSpec;
import io.proxytune.core.decoder.FeedForwardSpec;
import io.proxytune.core.decoder.LayerSpec;
import io.proxytune.core.decoder.NormSpec;
import io.proxytune.core.decoder.RopeScaling;
import io.proxytune.core.decoder.RotarySpec;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * OLMo 1 (arXiv 2402.00838): norms without parameters. OLMo 2 (arXiv 2501.00656): norms behind the
 * parts, and of all queries and all keys together; OLMo 3 adds windows. OLMoE (arXiv 2409.02060):
 * experts.
 */
final class Olmo {
  private Olmo() {}

  static DecoderSpec describe(Source source) {
    Outline olmo = new Outline(source, Style.LLAMA);
    boolean bias = olmo.flag("attention_bias");
    NormSpec norm =
        new NormSpec(
            NormSpec.Kind.LAYER, olmo.width(), 1e-5, Optional.empty(), Optional.empty(), 1);
    return olmo.decoder(
        layer ->
            LayerSpec.preNorm(
                layer.attention(bias, bias).withClip(clip(source.config())),
                layer.gatedMlp(false),
                norm,
                norm),
        olmo.head(norm, false));
  }

  private static OptionalDouble clip(ConfigJson config) {
    return config.has("clip_qkv")
        ? OptionalDouble.of(config.positive("clip_qkv"))
        : OptionalDouble.empty();
  }

  static DecoderSpec describe2(Source source) {
    Outline olmo = new Outline(source, Style.LLAMA.withEpsilon(1e-5));
    return olmo.decoder(layer -> postNorm(layer, attention(layer)), olmo.head(false));
  }

  static DecoderSpec describe3(Source source) {
    Outline olmo = new Outline(source, Style.LLAMA.withEpsilon(1e-5).withTheta(500_000));
    OptionalInt window = Windows.read(source.config(), 4096);
    RotarySpec inWindow = rotaryInWindow(olmo);
    RotarySpec everywhere = olmo.rotary("full_attention");
    return olmo.decoder(
        layer -> {
          boolean sliding = olmo.isSliding(layer.index(), (layer.index() + 1) % 4 != 0);
          return postNorm(
              layer,
              attention(layer)
                  .withRotary(Optional.of(sliding ? inWindow : everywhere))
                  .withWindow(Windows.where(sliding, window)));
        },
        olmo.head(false));
  }

  // What the older spelling scales is the rotation without window alone.
  private static RotarySpec rotaryInWindow(Outline olmo) {
    RotarySpec rotary = olmo.rotary("sliding_attention");
    return olmo.config().has("rope_scaling")
        ? new RotarySpec(rotary.dims(), false, rotary.theta(), new RopeScaling.None())
        : rotary;
  }

  private static AttentionSpec attention(LayerOutline layer) {
    boolean bias = layer.outline().flag("attention_bias");
    return normalized(layer, layer.attention(bias, bias));
  }

  /** With norms of all queries and all keys together. */
  static AttentionSpec normalized(LayerOutline layer, AttentionSpec attention) {
    Outline outline = layer.outline();
    return attention.withNorms(
        layer.rms("self_attn.q_norm", Math.multiplyExact(outline.heads(), outline.headDim())),
        layer.rms("self_attn.k_norm", Math.multiplyExact(outline.kvHeads(), outline.headDim())));
  }

  static LayerSpec postNorm(LayerOutline layer, AttentionSpec attention) {
    return postNorm(layer, attention, layer.gatedMlp(false));
  }

  private static LayerSpec postNorm(
      LayerOutline layer, AttentionSpec attention, FeedForwardSpec feedForward) {
    return LayerSpec.sandwich(
        attention,
        feedForward,
        Optional.empty(),
        layer.rms("post_attention_layernorm"),
        Optional.empty(),
        layer.rms("post_feedforward_layernorm"));
  }

  static DecoderSpec describeMoe(Source source) {
    Outline olmo = new Outline(source, Style.LLAMA.withEpsilon(1e-5).withPositions(4096));
    return olmo.decoder(
        layer ->
            layer.preNorm(
                attention(layer).withClip(clip(source.config())), experts(layer, 2048, 64, 8)),
        olmo.head(false));
  }

  /** FlexOlmo (arXiv 2507.07024): OLMo 2 with experts. */
  static DecoderSpec describeFlex(Source source) {
    Outline olmo = new Outline(source, Style.LLAMA.withTheta(500_000).withPositions(4096));
    return olmo.decoder(
        layer -> postNorm(layer, attention(layer), experts(layer, 11_008, 7, 5)), olmo.head(false));
  }

  private static FeedForwardSpec experts(LayerOutline layer, int inner, int count, int active) {
    Outline olmo = layer.outline();
    return new Experts(layer, "mlp", olmo.inner(inner))
        .spec("gate", count, active, olmo.flag("norm_topk_prob"));
  }
}
