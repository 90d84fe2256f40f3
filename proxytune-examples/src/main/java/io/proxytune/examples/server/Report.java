package io.proxytune.examples.server;

import io.proxytune.GenerationOptions;

/**
 * What is to be said of each token: immutable.
 *
 * @param logprobs whether log-probabilities are
 * @param top with how many alternatives
 * @param steering whether what steering changed is
 */
record Report(boolean logprobs, int top, boolean steering) {
  /** Whether anything is. */
  boolean any() {
    return logprobs || steering;
  }

  /** How many alternatives are needed: the base's likeliest token shows whether it was changed. */
  int alternatives() {
    return Math.max(top, steering ? 1 : 0);
  }

  GenerationOptions applyTo(GenerationOptions options) {
    return any() ? options.withLogprobs(alternatives()) : options;
  }
}
