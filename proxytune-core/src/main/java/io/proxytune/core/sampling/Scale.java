package io.proxytune.core.sampling;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.function.DoublePredicate;

/**
 * Turns logits into scores: {@code (logit − largest) / temperature}, so that the likeliest token's
 * score is 0 and no temperature overflows. Scores are log-probabilities but for a constant.
 *
 * @param largest the largest logit, finite
 * @param temperature above 0
 */
public record Scale(double largest, double temperature) {
  public Scale {
    checkArgument(Double.isFinite(largest), "the largest logit must be finite, got %s", largest);
    checkArgument(temperature > 0, "temperature must be > 0, got %s", temperature);
  }

  /**
   * The score of a logit.
   *
   * @param logit at most {@link #largest()}
   * @return at most 0; −∞ for −∞
   */
  public double score(double logit) {
    return (logit - largest) / temperature;
  }

  /**
   * The smallest logit whose score passes a test.
   *
   * @param test fails for low scores and passes from one on, 0 at the latest
   * @return a logit above −∞
   */
  public float leastLogit(DoublePredicate test) {
    return FloatOrder.leastPassing((float) largest, logit -> test.test(score(logit)));
  }
}
