package io.proxytune.core.decoder;

import static java.util.Objects.requireNonNull;

import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What turns the residual stream into logits: immutable.
 *
 * @param norm the norm of what it reads
 * @param projection {@code [size, width]}, what brings it to the width of the embedding (OPT-350m)
 * @param linear {@code [vocabulary, size]}, under the name that it has where it is stored
 * @param tied whether the embedding's rows are its weight, unless it is stored and differs
 * @param scale the factor of logits
 * @param cap the bound of logits, {@code cap · tanh(logit / cap)} (Gemma 2), behind the factor
 */
public record HeadSpec(
    Optional<NormSpec> norm,
    Optional<LinearSpec> projection,
    LinearSpec linear,
    boolean tied,
    double scale,
    OptionalDouble cap) {
  public HeadSpec {
    requireNonNull(norm, "norm");
    requireNonNull(projection, "projection");
    requireNonNull(linear, "linear");
    requireNonNull(cap, "cap");
  }

  /**
   * A norm and a product.
   *
   * @param norm the norm of what it reads
   * @param linear {@code [vocabulary, width]}
   * @param tied whether the embedding's rows are its weight
   * @return the head
   */
  public static HeadSpec of(NormSpec norm, LinearSpec linear, boolean tied) {
    return new HeadSpec(
        Optional.of(norm), Optional.empty(), linear, tied, 1, OptionalDouble.empty());
  }

  /**
   * The same, tied or not.
   *
   * @param isTied whether the embedding's rows are its weight
   * @return the head
   */
  public HeadSpec withTied(boolean isTied) {
    return new HeadSpec(norm, projection, linear, isTied, scale, cap);
  }

  /**
   * The same with a factor.
   *
   * @param factor the factor of logits
   * @return the head
   */
  public HeadSpec withScale(double factor) {
    return new HeadSpec(norm, projection, linear, tied, factor, cap);
  }

  /**
   * The same with a bound.
   *
   * @param bound the bound of logits, or none
   * @return the head
   */
  public HeadSpec withCap(OptionalDouble bound) {
    return new HeadSpec(norm, projection, linear, tied, scale, bound);
  }
}
