package io.proxytune.core.decoder;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

/**
 * Rotary position embeddings (arXiv 2104.09864): immutable.
 *
 * @param dims how many of a head's first dimensions are rotated; even
 * @param interleaved whether neighbours are a pair (GPT-J, Cohere, GLM), and not one of the first
 *     half and one of the second
 * @param theta the base of the wavelengths
 * @param scaling how these are stretched
 */
public record RotarySpec(int dims, boolean interleaved, double theta, RopeScaling scaling) {
  public RotarySpec {
    checkArgument(dims >= 2 && dims % 2 == 0, "dims must be even and >= 2, got %s", dims);
    checkArgument(theta > 0, "theta must be > 0, got %s", theta);
    requireNonNull(scaling, "scaling");
  }

  /**
   * The same, neighbours being pairs.
   *
   * @return the embeddings
   */
  public RotarySpec ofNeighbours() {
    return new RotarySpec(dims, true, theta, scaling);
  }
}
