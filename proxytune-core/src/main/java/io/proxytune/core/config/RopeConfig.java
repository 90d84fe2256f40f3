package io.proxytune.core.config;

import static com.google.common.base.Strings.lenientFormat;

import io.proxytune.CheckpointException;
import io.proxytune.core.decoder.RopeScaling;
import io.proxytune.core.decoder.RopeScaling.Dynamic;
import io.proxytune.core.decoder.RopeScaling.Linear;
import io.proxytune.core.decoder.RopeScaling.Llama3;
import io.proxytune.core.decoder.RopeScaling.LongRope;
import io.proxytune.core.decoder.RopeScaling.None;
import io.proxytune.core.decoder.RopeScaling.Yarn;
import io.proxytune.core.decoder.RotarySpec;
import java.util.List;

/**
 * The rotary position embeddings of a {@code config.json}, in either of its spellings: {@code
 * rope_theta} with {@code rope_scaling}, or from transformers 5 on {@code rope_parameters} with
 * both inside, there also for each type of layers by itself.
 *
 * @param theta the base of the wavelengths
 * @param partial the share of a head's dimensions that is rotated
 * @param scaling how the wavelengths are stretched
 * @param contextLength how many tokens the stretched positions serve
 * @param source where they are from, for messages
 */
public record RopeConfig(
    double theta, double partial, RopeScaling scaling, int contextLength, ConfigJson source) {
  private static final String ORIGINAL = "original_max_position_embeddings";
  private static final String ATTENTION_FACTOR = "attention_factor";
  private static final String SHORT = "short_factor";
  private static final String LONG = "long_factor";
  private static final String ALL_DIMENSIONS = "mscale_all_dim";
  private static final String PARTIAL = "partial_rotary_factor";

  /**
   * What transformers gives a family whose config says nothing.
   *
   * @param theta the base of the wavelengths
   * @param partial the share of a head's dimensions that is rotated
   * @param positions the length of the context
   */
  public record Defaults(double theta, double partial, int positions) {
    /** Llama's. */
    public static final Defaults LLAMA = new Defaults(10_000, 1, 2048);

    /**
     * The same with another base.
     *
     * @param other the base of the wavelengths
     * @return the defaults
     */
    public Defaults withTheta(double other) {
      return new Defaults(other, partial, positions);
    }

    /**
     * The same with another share.
     *
     * @param other the share of a head's dimensions that is rotated
     * @return the defaults
     */
    public Defaults withPartial(double other) {
      return new Defaults(theta, other, positions);
    }

    /**
     * The same with another length.
     *
     * @param other the length of the context
     * @return the defaults
     */
    public Defaults withPositions(int other) {
      return new Defaults(theta, partial, other);
    }
  }

  /**
   * Reads the embeddings that all layers share.
   *
   * @param config the config
   * @param defaults what holds where it says nothing
   * @return the embeddings
   * @throws CheckpointException if a key is missing, out of range or unsupported
   */
  public static RopeConfig read(ConfigJson config, Defaults defaults) {
    return read(config, defaults, "");
  }

  /**
   * Reads the embeddings of one type of layers.
   *
   * @param config the config
   * @param defaults what holds where it says nothing
   * @param layerType the type, such as {@code sliding_attention}
   * @return the embeddings, those of all layers where the config knows no types
   * @throws CheckpointException if a key is missing, out of range or unsupported
   */
  public static RopeConfig read(ConfigJson config, Defaults defaults, String layerType) {
    // Where both spellings occur, the older one wins, as in transformers.
    ConfigJson all =
        config.object("rope_scaling").or(() -> config.object("rope_parameters")).orElse(config);
    ConfigJson rope = layerType.isEmpty() ? all : all.object(layerType).orElse(all);
    int positions = config.positiveInt("max_position_embeddings", defaults.positions());
    RopeScaling scaling = rope == config ? new None() : scaling(rope, config, positions);
    return new RopeConfig(
        rope.positive("rope_theta", config.positive("rope_theta", defaults.theta())),
        rope.positive(PARTIAL, config.positive(PARTIAL, defaults.partial())),
        scaling,
        contextLength(config, positions, scaling),
        rope);
  }

  /**
   * The embeddings of heads.
   *
   * @param headDim the width of a head
   * @return the embeddings
   * @throws CheckpointException if they don't fit heads of that width
   */
  public RotarySpec rotary(int headDim) {
    int dims = (int) (headDim * partial);
    if (partial > 1 || dims < 2 || dims % 2 != 0) {
      throw source.refusal(
          PARTIAL, lenientFormat("such that an even part of the %s of a head is left", headDim));
    }
    if (scaling instanceof LongRope rope && rope.shortFactors().size() != dims / 2) {
      throw source.refusal(SHORT, lenientFormat("%s numbers, one for each pair", dims / 2));
    }
    return new RotarySpec(dims, false, theta, scaling);
  }

  /**
   * What DeepSeek multiplies the scores by where wavelengths are stretched.
   *
   * @return the factor, 1 where the config has no {@code mscale_all_dim}
   * @throws CheckpointException if it is of another kind
   */
  public double scoreFactor() {
    if (scaling instanceof None || source.isZero(ALL_DIMENSIONS)) {
      return 1;
    }
    double factor = scaling instanceof Yarn yarn ? yarn.factor() : source.positive("factor", 1);
    double magnitude = magnitude(factor, source.positive(ALL_DIMENSIONS, 0));
    return magnitude * magnitude;
  }

  private static RopeScaling scaling(ConfigJson rope, ConfigJson config, int positions) {
    String type = type(rope);
    return switch (type) {
      // Qwen's for images and text: all that follows of it for text is the default.
      case "default", "mrope" -> new None();
      case "linear" -> new Linear(factor(rope));
      // Not the key of that name: transformers stretches from max_position_embeddings.
      case "dynamic" -> new Dynamic(factor(rope), positions);
      case "llama3" -> llama3(rope, original(rope, config, positions));
      // Phi-3's first name of it.
      case "longrope", "su" -> longRope(rope, original(rope, config, positions), positions);
      // Phi-3's second one.
      case "yarn" ->
          rope.has(SHORT)
              ? longRope(rope, original(rope, config, positions), positions)
              : yarn(rope, original(rope, config, positions), positions);
      default ->
          throw new CheckpointException(
              lenientFormat(
                  "%s: RoPE type \"%s\" is not supported; supported are default, linear, dynamic,"
                      + " llama3, yarn and longrope: use a checkpoint with one of those",
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

  private static int original(ConfigJson rope, ConfigJson config, int positions) {
    return config
        .optionalPositiveInt(ORIGINAL)
        .or(() -> rope.optionalPositiveInt(ORIGINAL))
        .orElse(positions);
  }

  private static Llama3 llama3(ConfigJson rope, int original) {
    double low = rope.positive("low_freq_factor");
    double high = rope.positive("high_freq_factor");
    if (high <= low) {
      throw rope.refusal("high_freq_factor", "above low_freq_factor " + low);
    }
    return new Llama3(factor(rope), low, high, original);
  }

  private static Yarn yarn(ConfigJson rope, int original, int positions) {
    double factor = rope.has("factor") ? factor(rope) : stretch(rope, original, positions);
    double fast = rope.positive("beta_fast", 32);
    double slow = rope.positive("beta_slow", 1);
    if (fast <= slow) {
      throw rope.refusal("beta_fast", "above beta_slow " + slow);
    }
    double attention = rope.positive(ATTENTION_FACTOR, yarnAttentionFactor(rope, factor));
    return new Yarn(factor, original, fast, slow, rope.flag("truncate", true), attention);
  }

  // DeepSeek gives both factors; one of them alone counts for nothing in transformers.
  private static double yarnAttentionFactor(ConfigJson rope, double factor) {
    double scale = rope.isZero("mscale") ? 0 : rope.positive("mscale", 0);
    double allDims = rope.isZero(ALL_DIMENSIONS) ? 0 : rope.positive(ALL_DIMENSIONS, 0);
    return scale > 0 && allDims > 0
        ? magnitude(factor, scale) / magnitude(factor, allDims)
        : magnitude(factor, 1);
  }

  private static double magnitude(double factor, double scale) {
    return factor <= 1 ? 1 : 0.1 * scale * Math.log(factor) + 1;
  }

  private static LongRope longRope(ConfigJson rope, int original, int positions) {
    double factor = rope.has("factor") ? factor(rope) : (double) positions / original;
    if (factor > 1 && original == 1) {
      throw rope.refusal(ORIGINAL, "above 1");
    }
    double byLength = factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(original));
    List<Double> shortFactors = factors(rope, SHORT);
    List<Double> longFactors = factors(rope, LONG);
    if (longFactors.size() != shortFactors.size()) {
      throw rope.refusal(LONG, "as long as " + SHORT);
    }
    return new LongRope(
        shortFactors, longFactors, original, rope.positive(ATTENTION_FACTOR, byLength));
  }

  private static List<Double> factors(ConfigJson rope, String key) {
    return rope.positives(key).orElseThrow(() -> rope.refusal(key, "a list of numbers"));
  }

  private static double stretch(ConfigJson rope, int original, int positions) {
    if (original > positions) {
      throw rope.refusal(ORIGINAL, "at most max_position_embeddings " + positions);
    }
    return (double) positions / original;
  }

  private static double factor(ConfigJson rope) {
    double factor = rope.positive("factor");
    if (factor < 1) {
      throw rope.refusal("factor", "a number of at least 1");
    }
    return factor;
  }

  // For llama3 and longrope, max_position_embeddings is already the stretched context; for yarn,
  // some configs have it stretched and others not.
  private static int contextLength(ConfigJson config, int positions, RopeScaling scaling) {
    double factor = 1;
    double length = positions;
    if (scaling instanceof Linear linear) {
      factor = linear.factor();
      length = positions * factor;
    } else if (scaling instanceof Dynamic dynamic) {
      factor = dynamic.factor();
      length = positions * factor;
    } else if (scaling instanceof Yarn yarn) {
      factor = yarn.factor();
      length = Math.max(positions, yarn.originalMaxPositions() * factor);
    }
    if (length > Integer.MAX_VALUE) {
      throw config.refusal(
          "max_position_embeddings",
          "at most 2147483647 once multiplied by the RoPE factor " + factor);
    }
    return (int) Math.floor(length);
  }
}
