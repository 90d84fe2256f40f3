package io.proxytune;

import static io.proxytune.internal.Checks.checkArgument;
import static java.util.Objects.requireNonNull;

/**
 * A tuned small model, the same model untuned, and how strongly their difference steers: immutable.
 *
 * <p>Their tokens may stand at other ids than the base's where the tokenizers split texts alike.
 * All ids that an application gives and gets are the base's then; those of a model's own settings
 * ({@link LogitSource#publishedDefaults}) are the model's until {@link PublishedDefaults#withIdsOf}
 * maps them. Tokens that a model lacks are not steered.
 *
 * @param expert the tuned model
 * @param antiExpert the untuned one
 * @param alpha the strength α, any finite number; 1 in the paper, 0 is no steering, negative steers
 *     away
 */
public record ExpertPair(LogitSource expert, LogitSource antiExpert, double alpha) {
  public ExpertPair {
    requireNonNull(expert, "expert");
    requireNonNull(antiExpert, "antiExpert");
    checkArgument(Double.isFinite(alpha), "alpha must be a finite number, got %s", alpha);
  }

  /**
   * A pair with the paper's strength, α = 1.
   *
   * @param expert the tuned model
   * @param antiExpert the untuned one
   * @return the pair
   */
  public static ExpertPair of(LogitSource expert, LogitSource antiExpert) {
    return new ExpertPair(expert, antiExpert, 1.0);
  }

  /**
   * The same models at another strength.
   *
   * @param alpha the strength, finite
   * @return a new pair
   */
  public ExpertPair withAlpha(double alpha) {
    return new ExpertPair(expert, antiExpert, alpha);
  }
}
