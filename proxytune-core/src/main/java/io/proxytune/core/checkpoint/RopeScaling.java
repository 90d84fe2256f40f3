package io.proxytune.core.checkpoint;

import static com.google.common.base.Preconditions.checkArgument;

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
