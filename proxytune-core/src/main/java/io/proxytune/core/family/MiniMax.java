package io.proxytune.core.family;

import io.proxytune.core.decoder.AttentionSpec;
import io.proxytune.core.decoder.DecoderSpec;
import io.proxytune.core.decoder.ExpertsSpec;
import io.proxytune.core.decoder.ExpertsSpec.Scoring;
import java.util.Optional;

/**
 * MiniMax M2: Mixtral with norms of all queries and all keys together, and experts whose shares are
 * each by itself, corrected for the choice.
 */
final class MiniMax {
  private MiniMax() {}

  static DecoderSpec describe2(Source source) {
    Source complete = source.withDefault("head_dim", 128);
    Outline miniMax = new Outline(complete, Style.LLAMA.withTheta(5e6).withPositions(196_608));
    Optional<Integer> rotated = complete.config().optionalPositiveInt("rotary_dim");
    Outline outline =
        rotated.isEmpty()
            ? miniMax
            : new Outline(
                complete,
                Style.LLAMA
                    .withTheta(5e6)
                    .withPositions(196_608)
                    .withPartialRotation((double) rotated.get() / miniMax.headDim()));
    return outline.decoder(
        layer -> layer.preNorm(attention(layer), experts(layer)), outline.head(false));
  }

  private static AttentionSpec attention(LayerOutline layer) {
    return Olmo.normalized(layer, layer.attention(false, false));
  }

  private static ExpertsSpec experts(LayerOutline layer) {
    Outline outline = layer.outline();
    String published = "block_sparse_moe";
    boolean isPublished = outline.stores(layer.name(published + ".gate.weight"));
    String module = isPublished ? published : "mlp";
    int count = Experts.count(outline.config(), 256);
    return new ExpertsSpec(
        layer.linear(module + ".gate", layer.width(), count, false),
        new Scoring(
            Scoring.Function.SIGMOID,
            Optional.of(Experts.correction(layer.name(module + ".e_score_correction_bias"))),
            1,
            1,
            1),
        Experts.active(outline.config(), count, 8),
        true,
        1,
        new Experts(layer, module, outline.inner()).all(count),
        Optional.empty(),
        Optional.empty());
  }
}
