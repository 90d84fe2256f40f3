package io.proxytune;

/**
 * What a tuner keeps of earlier prompts, and what it was good for: immutable. Every model counts by
 * itself: a request of three models with a prompt each looks three times.
 *
 * @param entries the sequences of tokens that are kept
 * @param bytes the memory that they hold
 * @param limitBytes the most that they may hold; 0 where nothing is kept
 * @param lookups how often a model was to read a prompt
 * @param hits how often it found a part of it
 * @param reusedTokens the prompt tokens that were found, and not read again
 * @param promptTokens all prompt tokens that were looked for
 * @param evictions the sequences that were let go to make room, or where memory was short
 */
public record PrefixCacheStats(
    int entries,
    long bytes,
    long limitBytes,
    long lookups,
    long hits,
    long reusedTokens,
    long promptTokens,
    long evictions) {
  /** Of a tuner that keeps nothing. */
  public static final PrefixCacheStats NONE = new PrefixCacheStats(0, 0, 0, 0, 0, 0, 0, 0);

  /**
   * The share of prompt tokens that were not read again.
   *
   * @return from 0 to 1; 0 where there were none
   */
  public double reuse() {
    return promptTokens == 0 ? 0 : (double) reusedTokens / promptTokens;
  }
}
