package io.proxytune.core.family;

import io.proxytune.core.decoder.DecoderSpec;
import io.proxytune.core.decoder.ExpertsSpec;
import java.util.OptionalInt;

/**
 * Mistral (arXiv 2310.06825): Llama whose tokens see the last ones alone. Mixtral (arXiv
 * 2401.04088): the same with experts.
 */
final class Mistral {
  private static final Style STYLE = Style.LLAMA.withPositions(131_072);
  private static final int DEFAULT_WINDOW = 4096;

  private Mistral() {}

  static DecoderSpec describe(Source source) {
    return describe(source, Windows.read(source.config(), DEFAULT_WINDOW));
  }

  /**
   * Ministral 3 scales queries by their position, in steps of the original context. Within the
   * first step the factor is 1, and no longer context is offered.
   */
  static DecoderSpec describe3(Source source) {
    DecoderSpec decoder = describe(source, OptionalInt.empty());
    return source
        .config()
        .object("rope_parameters")
        .or(() -> source.config().object("rope_scaling"))
        .filter(rope -> rope.has("llama_4_scaling_beta"))
        .flatMap(rope -> rope.optionalPositiveInt("original_max_position_embeddings"))
        .filter(original -> original < decoder.contextLength())
        .map(decoder::withContextLength)
        .orElse(decoder);
  }

  private static DecoderSpec describe(Source source, OptionalInt window) {
    Outline mistral = new Outline(source, STYLE);
    return mistral.decoder(
        layer ->
            layer.preNorm(
                layer
                    .attention(false, false)
                    .withWindow(Windows.where(mistral.isSliding(layer.index(), true), window)),
                layer.gatedMlp(false)),
        mistral.head(false));
  }

  static DecoderSpec describeMixtral(Source source) {
    Outline mixtral = new Outline(source, STYLE.withEpsilon(1e-5).withTheta(1e6));
    OptionalInt window = Windows.read(source.config());
    return mixtral.decoder(
        layer -> layer.preNorm(layer.attention(false, false).withWindow(window), experts(layer)),
        mixtral.head(false));
  }

  private static ExpertsSpec experts(LayerOutline layer) {
    String published = "block_sparse_moe";
    boolean isPublished = layer.outline().stores(layer.name(published + ".gate.weight"));
    return new Experts(layer, isPublished ? published : "mlp", layer.outline().inner())
        .spec("gate", 8, 2, true);
  }
}
