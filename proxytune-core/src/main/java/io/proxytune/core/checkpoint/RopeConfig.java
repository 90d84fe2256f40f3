package io.proxytune.core.checkpoint;

import static com.google.common.base.Strings.lenientFormat;

import io.proxytune.CheckpointException;
import io.proxytune.core.decoder.RopeScaling;
import io.proxytune.core.decoder.RopeScaling.Dynamic;
import io.proxytune.core.decoder.RopeScaling.Linear;
import io.proxytune.core.decoder.RopeScaling.Llama3;
import io.proxytune.core.decoder.RopeScaling.None;

/**
 * The rotary position embeddings of a {@code config.json}, in either of its spellings: {@code
 * rope_theta} with {@code rope_scaling}, or from transformers 5 on {@code rope_parameters} with
 * both inside.
 *
 * @param theta the base of the wavelengths
 * @param scaling how they are stretched
 * @param contextLength how many tokens the stretched positions serve
 */
record RopeConfig(double theta, RopeScaling scaling, int contextLength) {
  private static final double DEFAULT_THETA = 10_000;

  /** Llama's in transformers, for a config without them. */
  private static final int DEFAULT_POSITIONS = 2048;

  private static final String ORIGINAL = "original_max_position_embeddings";

  // Where both spellings occur, the older one wins, as in transformers.
  static RopeConfig read(ConfigJson config) {
    int maxPositions =
        config.optionalPositiveInt("max_position_embeddings").orElse(DEFAULT_POSITIONS);
    ConfigJson rope =
        config.object("rope_scaling").or(() -> config.object("rope_parameters")).orElse(config);
    checkFullRotation(config);
    checkFullRotation(rope);
    double theta = rope.positive("rope_theta", config.positive("rope_theta", DEFAULT_THETA));
    RopeScaling scaling = scaling(rope, config, maxPositions);
    return new RopeConfig(theta, scaling, contextLength(config, maxPositions, scaling));
  }

  private static RopeScaling scaling(ConfigJson rope, ConfigJson config, int maxPositions) {
    if (rope == config) {
      return new None();
    }
    String type = type(rope);
    return switch (type) {
      case "default" -> new None();
      case "linear" -> new Linear(factor(rope));
      // Not the key of that name: transformers stretches from max_position_embeddings.
      case "dynamic" -> new Dynamic(factor(rope), maxPositions);
      case "llama3" -> llama3(rope, config, maxPositions);
      default ->
          throw new CheckpointException(
              lenientFormat(
                  "%s: RoPE type \"%s\" is not supported; supported are default, linear, dynamic"
                      + " and llama3: use a checkpoint with one of those",
                  config.file(), type));
    };
  }

  private static String type(ConfigJson rope) {
    return rope.text("rope_type")
        .or(() -> rope.text("type"))
        .orElseGet(
            () -> {
              if (rope.has("factor")) {
                throw rope.refusal("rope_type", "given beside factor");
              }
              return "default";
            });
  }

  private static Llama3 llama3(ConfigJson rope, ConfigJson config, int maxPositions) {
    double low = rope.positive("low_freq_factor");
    double high = rope.positive("high_freq_factor");
    if (high <= low) {
      throw rope.refusal("high_freq_factor", "above low_freq_factor " + low);
    }
    int original =
        config
            .optionalPositiveInt(ORIGINAL)
            .or(() -> rope.optionalPositiveInt(ORIGINAL))
            .orElse(maxPositions);
    return new Llama3(factor(rope), low, high, original);
  }

  private static double factor(ConfigJson rope) {
    double factor = rope.positive("factor");
    if (factor < 1) {
      throw rope.refusal("factor", "a number of at least 1");
    }
    return factor;
  }

  private static void checkFullRotation(ConfigJson config) {
    if (config.positive("partial_rotary_factor", 1) != 1) {
      throw config.refusal("partial_rotary_factor", "1, as only full rotation is supported");
    }
  }

  // For llama3, max_position_embeddings is already the stretched context.
  private static int contextLength(ConfigJson config, int maxPositions, RopeScaling scaling) {
    double factor = 1;
    if (scaling instanceof Linear linear) {
      factor = linear.factor();
    } else if (scaling instanceof Dynamic dynamic) {
      factor = dynamic.factor();
    }
    double length = Math.floor(maxPositions * factor);
    if (length > Integer.MAX_VALUE) {
      throw config.refusal(
          "max_position_embeddings",
          "at most 2147483647 once multiplied by the RoPE factor " + factor);
    }
    return (int) length;
  }
}
