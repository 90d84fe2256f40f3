package io.proxytune;

import static java.util.Objects.requireNonNull;

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
 * @param draftRounds the passes in which a draft was checked, see {@link Speculation}
 * @param draftedTokens the tokens drafted
 * @param acceptedTokens the drafted tokens that became part of the text
 * @param gate the tokens that were left unsteered, and for how many of them no expert was run
 * @param translation what steering across tokenizers took, and what it left out
 */
public record GenerationStats(
    int promptTokens,
    int generatedTokens,
    Duration prefill,
    Duration timeToFirstToken,
    Duration decode,
    int draftRounds,
    int draftedTokens,
    int acceptedTokens,
    GateStats gate,
    TranslationStats translation) {
  public GenerationStats {
    requireNonNull(gate, "gate");
    requireNonNull(translation, "translation");
  }

  /**
   * Counts and timings of a generation whose models all have the base's tokens.
   *
   * @param promptTokens the number of tokens in the base model's prompt
   * @param generatedTokens the number of generated tokens
   * @param prefill from the request to the first token's pick
   * @param timeToFirstToken from the request to the first token
   * @param decode from the end of prefill to the end
   * @param draftRounds the passes in which a draft was checked
   * @param draftedTokens the tokens drafted
   * @param acceptedTokens the drafted tokens that became part of the text
   * @param gate the tokens that were left unsteered
   */
  public GenerationStats(
      int promptTokens,
      int generatedTokens,
      Duration prefill,
      Duration timeToFirstToken,
      Duration decode,
      int draftRounds,
      int draftedTokens,
      int acceptedTokens,
      GateStats gate) {
    this(
        promptTokens,
        generatedTokens,
        prefill,
        timeToFirstToken,
        decode,
        draftRounds,
        draftedTokens,
        acceptedTokens,
        gate,
        TranslationStats.NONE);
  }

  /**
   * Counts and timings of a generation without drafts.
   *
   * @param promptTokens the number of tokens in the base model's prompt
   * @param generatedTokens the number of generated tokens
   * @param prefill from the request to the first token's pick
   * @param timeToFirstToken from the request to the first token
   * @param decode from the end of prefill to the end
   */
  public GenerationStats(
      int promptTokens,
      int generatedTokens,
      Duration prefill,
      Duration timeToFirstToken,
      Duration decode) {
    this(promptTokens, generatedTokens, prefill, timeToFirstToken, decode, 0, 0, 0, GateStats.NONE);
  }

  /**
   * The share of the drafted tokens that became part of the text.
   *
   * @return from 0 to 1; 0 where nothing was drafted
   */
  public double acceptanceRate() {
    return draftedTokens == 0 ? 0 : (double) acceptedTokens / draftedTokens;
  }

  /**
   * The share of the generated tokens for which no expert was run.
   *
   * @return from 0 to 1; 0 where nothing was generated
   */
  public double unaskedShare() {
    return generatedTokens == 0 ? 0 : (double) gate.unasked() / generatedTokens;
  }

  /**
   * The generated tokens per second of decoding.
   *
   * @return the rate; 0 where nothing was decoded
   */
  public double tokensPerSecond() {
    return decode.isZero() ? 0 : generatedTokens / (decode.toNanos() / 1e9);
  }
}
