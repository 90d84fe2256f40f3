package io.proxytune.core.family;

import io.proxytune.core.config.ConfigJson;
import io.proxytune.core.decoder.AttentionSpec;
import io.proxytune.core.decoder.DecoderSpec;
import io.proxytune.core.decoder.ExpertsSpec;
import io.proxytune.core.decoder.ExpertsSpec.Scoring;
import io.proxytune.core.decoder.FeedForwardSpec;
import io.proxytune.core.decoder.LinearSpec;
import java.util.Optional;

/**
 * ERNIE 4.5: Llama that rotates neighbours as pairs. Also with experts, whose shares are corrected
 * for the choice (arXiv 2408.15664), beside an MLP for all tokens.
 */
final class Ernie {
  private static final Style STYLE =
      Style.LLAMA.withEpsilon(1e-5).withTheta(500_000).withPositions(131_072);
  private static final String LAST = "moe_layer_end_index";
  private static final String LEAST_SUM = "moe_norm_min";

  private Ernie() {}

  static DecoderSpec describe(Source source) {
    Outline ernie = new Outline(source, STYLE);
    boolean bias = ernie.flag("use_bias");
    return ernie.decoder(
        layer -> layer.preNorm(attention(layer, bias), layer.gatedMlp(bias)), ernie.head(true));
  }

  static DecoderSpec describeMoe(Source source) {
    Outline ernie = new Outline(source, STYLE);
    boolean bias = ernie.flag("use_bias");
    return ernie.decoder(
        layer -> layer.preNorm(attention(layer, bias), feedForward(layer, bias)),
        ernie.head(ernie.rms("norm"), "lm_head", bias, true));
  }

  private static AttentionSpec attention(LayerOutline layer, boolean bias) {
    return Rotation.ofNeighbours(layer.attention(bias, bias));
  }

  private static FeedForwardSpec feedForward(LayerOutline layer, boolean bias) {
    ConfigJson config = layer.outline().config();
    int index = layer.index();
    boolean sparse =
        (index + 1) % config.positiveInt("moe_layer_interval", 1) == 0
            && index >= config.natural("moe_layer_start_index").orElse(1)
            && (!hasLast(config) || index <= config.natural(LAST).orElse(Integer.MAX_VALUE));
    return sparse ? experts(layer, bias) : layer.gatedMlp(bias);
  }

  private static ExpertsSpec experts(LayerOutline layer, boolean bias) {
    ConfigJson config = layer.outline().config();
    int inner = config.positiveInt("moe_intermediate_size", 1536);
    int count = Experts.bounded(config, "moe_num_experts", 64);
    int active = Experts.active(config, "moe_k", count, 6);
    checkLeastSum(config, active, count);
    String published = "mlp.moe_statics.e_score_correction_bias";
    boolean isPublished = layer.outline().stores(layer.name(published));
    String correction =
        layer.name(isPublished ? published : "mlp.gate.moe_statics.e_score_correction_bias");
    LinearSpec router = layer.linear("mlp.gate", layer.width(), count, false);
    ExpertsSpec routed =
        new ExpertsSpec(
            router,
            new Scoring(
                Scoring.Function.SOFTMAX,
                Optional.of(new Scoring.Correction(correction, true)),
                1,
                1,
                1),
            active,
            true,
            1,
            new Experts(layer, "mlp", inner).all(count),
            Optional.empty(),
            Optional.empty());
    int shared = config.natural("moe_num_shared_experts").orElse(2);
    return shared == 0
        ? routed
        : routed.withShared(
            layer.gatedMlp("mlp.shared_experts", Math.multiplyExact(shared, inner), bias),
            Optional.empty());
  }

  /** Whether the layers with experts end before the decoder does; −1 says that they don't. */
  private static boolean hasLast(ConfigJson config) {
    return config.isSet(LAST) && !config.any(LAST, "a layer's number or -1").asText().equals("-1");
  }

  // Sums of the chosen shares are not bounded here: a small bound is never met.
  private static void checkLeastSum(ConfigJson config, int active, int count) {
    if (config.has(LEAST_SUM) && config.positive(LEAST_SUM) > 1e-6 * active / count) {
      throw config.refusal(LEAST_SUM, "at most " + 1e-6 * active / count);
    }
  }
}
