package io.proxytune;

/**
 * How a token is picked from the fused logits: a {@link StandardSampler}, which runs on the device,
 * or an application's own {@link Custom} code.
 *
 * <p><b>Threads:</b> standard samplers are immutable; a custom one is called by the thread that
 * asked for the text, by several at once if several requests use it. Other requests don't wait for
 * it.
 */
public sealed interface Sampler permits StandardSampler, Sampler.Custom {
  /** The application's own choice of a token, on a row copied to the heap. */
  @FunctionalInterface
  non-sealed interface Custom extends Sampler {
    /**
     * Picks a token.
     *
     * @param logits the fused logits after penalties, bias and bans, one per id; −∞ where banned; a
     *     copy that may be changed
     * @param context where in the text the token goes, with noise that depends on the seed and the
     *     position alone
     * @return the id, in {@code [0, logits.length)}, of a token that is not banned
     */
    int pick(float[] logits, SamplingContext context);
  }

  /**
   * The likeliest token, ties to the lowest id.
   *
   * @return the sampler
   */
  static StandardSampler greedy() {
    return StandardSampler.PLAIN.withTemperature(0);
  }

  /**
   * A draw from the distribution at a temperature.
   *
   * @param temperature the divisor of the logits, at least 0; 0 is greedy
   * @return the sampler
   */
  static StandardSampler temperature(double temperature) {
    return StandardSampler.PLAIN.withTemperature(temperature);
  }

  /**
   * A draw from the {@code k} likeliest tokens, at temperature 1.
   *
   * @param k the number of tokens, at least 1
   * @return the sampler
   */
  static StandardSampler topK(int k) {
    return StandardSampler.PLAIN.withTopK(k);
  }

  /**
   * A draw from the nucleus (arXiv 1904.09751), at temperature 1.
   *
   * @param p the least probability of the nucleus, in {@code (0, 1]}
   * @return the sampler
   */
  static StandardSampler topP(double p) {
    return StandardSampler.PLAIN.withTopP(p);
  }

  /**
   * A draw from the tokens at least {@code p} times as likely as the likeliest (arXiv 2407.01082),
   * at temperature 1.
   *
   * @param p the fraction, in {@code [0, 1]}
   * @return the sampler
   */
  static StandardSampler minP(double p) {
    return StandardSampler.PLAIN.withMinP(p);
  }

  /**
   * A draw from the locally typical set (arXiv 2202.00666), at temperature 1.
   *
   * @param p the least probability of the set, in {@code (0, 1]}
   * @return the sampler
   */
  static StandardSampler typicalP(double p) {
    return StandardSampler.PLAIN.withTypicalP(p);
  }
}
