package io.proxytune.examples.experiments;

import io.proxytune.core.Quantization;

/**
 * What was measured of a model in one format: immutable.
 *
 * @param quantization the format
 * @param bytes the weights in memory
 * @param tokens how many tokens were predicted
 * @param loss the mean of their negative natural log-probabilities
 * @param readPerSecond tokens a second where whole windows are read at once
 * @param writePerSecond tokens a second where each is read alone, as decoding does
 */
record RoundedModel(
    Quantization quantization,
    long bytes,
    long tokens,
    double loss,
    double readPerSecond,
    double writePerSecond) {
  double perplexity() {
    return Math.exp(loss);
  }

  /** By how much the perplexity is above another's, as a fraction of that. */
  double above(RoundedModel other) {
    return Math.expm1(loss - other.loss);
  }
}
