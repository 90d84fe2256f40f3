package io.proxytune.core.decoder;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.List;

/**
 * How rotary position embeddings are stretched beyond the context that a model was trained with;
 * the names are those of transformers' rope types. Immutable.
 */
public sealed interface RopeScaling {
  /** Frequencies are used as they are; transformers calls it {@code default}. */
  record None() implements RopeScaling {}

  /**
   * Every frequency is divided by a factor.
   *
   * @param factor at least 1
   */
  record Linear(double factor) implements RopeScaling {
    public Linear {
      checkFactor(factor);
    }
  }

  /**
   * Dynamic NTK: once a sequence is longer than the original positions, theta is raised with its
   * length.
   *
   * @param factor at least 1
   * @param originalMaxPositions the context that the model was trained with, in tokens
   */
  record Dynamic(double factor, int originalMaxPositions) implements RopeScaling {
    public Dynamic {
      checkFactor(factor);
      checkPositions(originalMaxPositions);
    }
  }

  /**
   * Llama 3.1: low frequencies are divided by the factor, high ones kept, those between blended.
   *
   * @param factor at least 1
   * @param lowFreqFactor wavelengths above {@code originalMaxPositions / lowFreqFactor} are low
   *     frequencies; above 0
   * @param highFreqFactor wavelengths below {@code originalMaxPositions / highFreqFactor} are high
   *     frequencies; above {@code lowFreqFactor}
   * @param originalMaxPositions the context that the model was trained with, in tokens
   */
  record Llama3(
      double factor, double lowFreqFactor, double highFreqFactor, int originalMaxPositions)
      implements RopeScaling {
    public Llama3 {
      checkFactor(factor);
      checkPositions(originalMaxPositions);
      checkArgument(lowFreqFactor > 0, "lowFreqFactor must be > 0, got %s", lowFreqFactor);
      checkArgument(
          highFreqFactor > lowFreqFactor,
          "highFreqFactor must be > lowFreqFactor %s, got %s",
          lowFreqFactor,
          highFreqFactor);
    }
  }

  /**
   * YaRN (arXiv 2309.00071): wavelengths that turn often within the original context are kept,
   * those that turn seldom are stretched, those between blended.
   *
   * @param factor at least 1
   * @param originalMaxPositions the context that the model was trained with, in tokens
   * @param betaFast turns within it above which a wavelength is kept
   * @param betaSlow turns within it below which a wavelength is stretched; below {@code betaFast}
   * @param truncated whether the borders are rounded to whole dimensions
   * @param attentionFactor the factor of rotated queries and keys
   */
  record Yarn(
      double factor,
      int originalMaxPositions,
      double betaFast,
      double betaSlow,
      boolean truncated,
      double attentionFactor)
      implements RopeScaling {
    public Yarn {
      checkFactor(factor);
      checkPositions(originalMaxPositions);
      checkArgument(betaSlow > 0, "betaSlow must be > 0, got %s", betaSlow);
      checkArgument(betaFast > betaSlow, "betaFast must be > %s, got %s", betaSlow, betaFast);
      checkArgument(attentionFactor > 0, "attentionFactor must be > 0, got %s", attentionFactor);
    }
  }

  /**
   * LongRoPE (arXiv 2402.13753): each wavelength has a factor of its own, another one once a
   * sequence is longer than the original positions.
   *
   * @param shortFactors one for each pair of dimensions, above 0
   * @param longFactors as many, above 0
   * @param originalMaxPositions the context that the model was trained with, in tokens
   * @param attentionFactor the factor of rotated queries and keys
   */
  record LongRope(
      List<Double> shortFactors,
      List<Double> longFactors,
      int originalMaxPositions,
      double attentionFactor)
      implements RopeScaling {
    public LongRope {
      shortFactors = List.copyOf(shortFactors);
      longFactors = List.copyOf(longFactors);
      checkArgument(
          shortFactors.size() == longFactors.size(),
          "%s short factors and %s long ones",
          shortFactors.size(),
          longFactors.size());
      checkPositions(originalMaxPositions);
      checkArgument(attentionFactor > 0, "attentionFactor must be > 0, got %s", attentionFactor);
    }
  }

  /**
   * Up to which length a sequence's tokens are rotated alike whatever its length.
   *
   * @return the length in tokens; {@link Integer#MAX_VALUE} where rotation never depends on it
   */
  default int constantLength() {
    if (this instanceof Dynamic dynamic) {
      return dynamic.originalMaxPositions();
    }
    return this instanceof LongRope rope ? rope.originalMaxPositions() : Integer.MAX_VALUE;
  }

  private static void checkFactor(double factor) {
    checkArgument(
        factor >= 1 && factor < Double.POSITIVE_INFINITY,
        "factor must be finite and >= 1, got %s",
        factor);
  }

  private static void checkPositions(int positions) {
    checkArgument(positions >= 1, "originalMaxPositions must be >= 1, got %s", positions);
  }
}
