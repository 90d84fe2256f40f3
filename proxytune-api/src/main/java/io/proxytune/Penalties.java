package io.proxytune;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * Penalties for tokens that occurred before: immutable.
 *
 * @param repetition divides positive and multiplies negative logits of every token in the base's
 *     prompt or in the output (CTRL, arXiv 1909.05858, as transformers applies it); above 0, 1 for
 *     none
 * @param frequency subtracted once for each time that a token occurs in the output; finite, 0 for
 *     none
 * @param presence subtracted once from every token that occurs in the output; finite, 0 for none
 */
public record Penalties(double repetition, double frequency, double presence) {
  /** No penalty. */
  public static final Penalties NONE = new Penalties(1, 0, 0);

  public Penalties {
    checkArgument(
        repetition > 0 && Double.isFinite(repetition),
        "repetition penalty must be finite and > 0, got %s",
        repetition);
    checkArgument(
        Double.isFinite(frequency), "frequency penalty must be finite, got %s", frequency);
    checkArgument(Double.isFinite(presence), "presence penalty must be finite, got %s", presence);
  }

  /**
   * The same with another repetition penalty.
   *
   * @param repetition above 0
   * @return new penalties
   */
  public Penalties withRepetition(double repetition) {
    return new Penalties(repetition, frequency, presence);
  }

  /**
   * The same with another frequency penalty.
   *
   * @param frequency finite
   * @return new penalties
   */
  public Penalties withFrequency(double frequency) {
    return new Penalties(repetition, frequency, presence);
  }

  /**
   * The same with another presence penalty.
   *
   * @param presence finite
   * @return new penalties
   */
  public Penalties withPresence(double presence) {
    return new Penalties(repetition, frequency, presence);
  }
}
