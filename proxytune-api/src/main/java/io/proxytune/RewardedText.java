package io.proxytune;

import static java.util.Objects.requireNonNull;

/**
 * A text that a {@link Search} found: immutable.
 *
 * @param generation the text; its tokens have log-probabilities of every model
 * @param reward the sum of {@code log expert − log anti-expert} over its tokens and all pairs, the
 *     token that ends the text included; a token that both models of a pair lack adds nothing
 */
public record RewardedText(Generation generation, double reward) {
  public RewardedText {
    requireNonNull(generation, "generation");
  }
}
