package io.proxytune;

import java.time.Duration;

/**
 * Counts and timings of one generation: immutable. Sequences that are decoded together share their
 * times.
 *
 * @param promptTokens the number of tokens in the base model's prompt
 * @param generatedTokens the number of generated tokens
 * @param prefill from the request to the first token's pick, when its logits are certain to be
 *     there
 * @param timeToFirstToken from the request to the first token (TTFT); zero if there was none
 * @param decode from the end of prefill to the end
 */
public record GenerationStats(
    int promptTokens,
    int generatedTokens,
    Duration prefill,
    Duration timeToFirstToken,
    Duration decode) {
  /**
   * The generated tokens per second of decoding.
   *
   * @return the rate; 0 where nothing was decoded
   */
  public double tokensPerSecond() {
    return decode.isZero() ? 0 : generatedTokens / (decode.toNanos() / 1e9);
  }
}
