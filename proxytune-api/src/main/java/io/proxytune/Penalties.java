package io.proxytune;

/**
 * Penalties for tokens that occurred before: immutable.
 *
 * @param repetition divides positive and multiplies negative logits of every token in the base's
 *     prompt or in the output (CTRL, arXiv 1909.05858, as transformers applies it); from {@link
 *     Float#MIN_NORMAL} to {@link Float#MAX_VALUE}, 1 for none
 * @param frequency subtracted once for each time that a token occurs in the output; of a magnitude
 *     that float32 has, 0 for none
 * @param presence subtracted once from every token that occurs in the output; of a magnitude that
 *     float32 has, 0 for none
 */
public record Penalties(double repetition, double frequency, double presence) {
  /** No penalty. */
  public static final Penalties NONE = new Penalties(1, 0, 0);

  public Penalties {
    LogitNumbers.requireFactor(repetition, "repetition penalty");
    LogitNumbers.requireSummand(frequency, "frequency penalty");
    LogitNumbers.requireSummand(presence, "presence penalty");
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
