package io.proxytune.core.decoder;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import java.util.Optional;

/**
 * A normalisation over the last dimension: immutable.
 *
 * @param kind what it computes
 * @param size how many values are normalised together
 * @param epsilon what is added to the mean square or the variance
 * @param weight the tensor of the factors; none: no factors
 * @param bias the tensor of the summands; none: no summands
 * @param heads how many rows of {@code size} factors the tensor has: one for all, or one for each
 *     head (Cohere)
 */
public record NormSpec(
    Kind kind,
    int size,
    double epsilon,
    Optional<String> weight,
    Optional<String> bias,
    int heads) {
  /** What a normalisation computes. */
  public enum Kind {
    /** By the root of the mean square (arXiv 1910.07467). */
    RMS,
    /** The same, and the factors are one more than what is stored (Gemma). */
    RMS_PLUS_ONE,
    /** By mean and variance (arXiv 1607.06450). */
    LAYER,
    /** The same, and the factors are one more than what is stored (Nemotron). */
    LAYER_PLUS_ONE
  }

  public NormSpec {
    requireNonNull(kind, "kind");
    requireNonNull(weight, "weight");
    requireNonNull(bias, "bias");
    checkArgument(size >= 1, "size must be >= 1, got %s", size);
    checkArgument(epsilon > 0, "epsilon must be > 0, got %s", epsilon);
    checkArgument(heads >= 1, "heads must be >= 1, got %s", heads);
  }

  /**
   * A root-mean-square norm.
   *
   * @param module its name; the tensor is {@code module.weight}
   * @param size how many values are normalised together
   * @param epsilon what is added to the mean square
   * @return the norm
   */
  public static NormSpec rms(String module, int size, double epsilon) {
    return new NormSpec(
        Kind.RMS, size, epsilon, Optional.of(module + ".weight"), Optional.empty(), 1);
  }

  /**
   * A norm by mean and variance.
   *
   * @param module its name; the tensors are {@code module.weight} and {@code module.bias}
   * @param size how many values are normalised together
   * @param epsilon what is added to the variance
   * @param bias whether it has summands
   * @return the norm
   */
  public static NormSpec layer(String module, int size, double epsilon, boolean bias) {
    Optional<String> stored = bias ? Optional.of(module + ".bias") : Optional.empty();
    return new NormSpec(Kind.LAYER, size, epsilon, Optional.of(module + ".weight"), stored, 1);
  }

  /**
   * The same without summands.
   *
   * @return the norm
   */
  public NormSpec withoutBias() {
    return new NormSpec(kind, size, epsilon, weight, Optional.empty(), heads);
  }

  /**
   * Whether the factors are one more than what is stored.
   *
   * @return whether they are
   */
  public boolean isPlusOne() {
    return kind == Kind.RMS_PLUS_ONE || kind == Kind.LAYER_PLUS_ONE;
  }

  /**
   * The same, its stored factors one less than they count.
   *
   * @return the norm
   */
  public NormSpec plusOne() {
    Kind stored = kind == Kind.LAYER ? Kind.LAYER_PLUS_ONE : Kind.RMS_PLUS_ONE;
    return new NormSpec(stored, size, epsilon, weight, bias, heads);
  }
}
