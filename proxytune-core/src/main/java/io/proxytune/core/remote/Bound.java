package io.proxytune.core.remote;

/**
 * What the likeliest ids of a row say of all others, in float64: none is likelier than the least
 * likely of those shown, nor than all that is left together.
 *
 * @param logprob the largest log-probability that an unknown id may have
 * @param missing the share of the distribution that the unknown ids have, from 0 to 1
 */
record Bound(double logprob, double missing) {
  /**
   * How far a server's float32 probabilities may sum to something else than 1. What is left of a
   * distribution is not known better.
   */
  private static final double ROUNDING = 1e-4;

  /**
   * Bounds the unknown ids of a row.
   *
   * @param least the smallest natural log-probability of a token shown, which are the largest of
   *     the row
   * @param mostUnmapped the largest of those shown of which it is not known which id they are; −∞
   *     for none
   * @param mass the probability of all tokens shown
   */
  static Bound of(double least, double mostUnmapped, double mass) {
    double missing = Math.min(1, Math.max(0, 1 - mass));
    double ofOthers = Math.min(least, Math.log(missing + ROUNDING));
    return new Bound(Math.max(ofOthers, mostUnmapped), missing);
  }

  /** The bound in float32, rounded up: no unknown id's logit is above it. */
  float logit() {
    float rounded = (float) logprob;
    return rounded < logprob ? Math.nextUp(rounded) : rounded;
  }
}
