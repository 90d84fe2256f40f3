package io.proxytune;

import static io.proxytune.internal.Checks.checkArgument;

/**
 * Temperature, then top-k, top-p, min-p and typical-p, in that order, each renormalising what the
 * one before kept; then a draw. Immutable.
 *
 * @param temperature the divisor of the logits, finite and at least 0; 0 picks the likeliest token
 * @param topK how many of the likeliest tokens stay; 0 for all. Tokens tied with the last stay too
 * @param topP the least probability that stays, in {@code (0, 1]}; 1 for all
 * @param minP tokens less likely than this fraction of the likeliest go, in {@code [0, 1]}; 0 for
 *     none
 * @param typicalP the least probability of the locally typical set, in {@code (0, 1]}; 1 for all
 */
public record StandardSampler(
    double temperature, int topK, double topP, double minP, double typicalP) implements Sampler {
  static final StandardSampler PLAIN = new StandardSampler(1, 0, 1, 0, 1);

  public StandardSampler {
    checkArgument(
        temperature >= 0 && Double.isFinite(temperature),
        "temperature must be finite and >= 0, got %s",
        temperature);
    checkArgument(topK >= 0, "topK must be >= 0, got %s", topK);
    checkArgument(topP > 0 && topP <= 1, "topP must be in (0, 1], got %s", topP);
    checkArgument(minP >= 0 && minP <= 1, "minP must be in [0, 1], got %s", minP);
    checkArgument(typicalP > 0 && typicalP <= 1, "typicalP must be in (0, 1], got %s", typicalP);
  }

  /**
   * Whether the likeliest token is picked, without a draw.
   *
   * @return whether the temperature is 0
   */
  public boolean isGreedy() {
    return temperature == 0;
  }

  /**
   * The same at another temperature.
   *
   * @param temperature at least 0
   * @return a new sampler
   */
  public StandardSampler withTemperature(double temperature) {
    return new StandardSampler(temperature, topK, topP, minP, typicalP);
  }

  /**
   * The same with another top-k.
   *
   * @param topK at least 0; 0 for all
   * @return a new sampler
   */
  public StandardSampler withTopK(int topK) {
    return new StandardSampler(temperature, topK, topP, minP, typicalP);
  }

  /**
   * The same with another top-p.
   *
   * @param topP in {@code (0, 1]}
   * @return a new sampler
   */
  public StandardSampler withTopP(double topP) {
    return new StandardSampler(temperature, topK, topP, minP, typicalP);
  }

  /**
   * The same with another min-p.
   *
   * @param minP in {@code [0, 1]}
   * @return a new sampler
   */
  public StandardSampler withMinP(double minP) {
    return new StandardSampler(temperature, topK, topP, minP, typicalP);
  }

  /**
   * The same with another typical-p.
   *
   * @param typicalP in {@code (0, 1]}
   * @return a new sampler
   */
  public StandardSampler withTypicalP(double typicalP) {
    return new StandardSampler(temperature, topK, topP, minP, typicalP);
  }
}
