package io.proxytune.bench;

import io.proxytune.Generation;
import io.proxytune.GenerationStats;

/** Adds up the texts of one way to decode. For one thread. */
final class Tally {
  private double decodeMilliseconds;
  private double milliseconds;
  private int texts;
  private int tokens;
  private int drafted;
  private int accepted;
  private int differing;

  /**
   * Adds a text.
   *
   * @param milliseconds the time of the whole request
   * @param differs whether it differs from the text that was decoded plainly
   */
  void add(Generation text, double milliseconds, boolean differs) {
    GenerationStats stats = text.stats();
    this.milliseconds += milliseconds;
    decodeMilliseconds += stats.decode().toNanos() / 1e6;
    texts++;
    tokens += stats.generatedTokens();
    drafted += stats.draftedTokens();
    accepted += stats.acceptedTokens();
    differing += differs ? 1 : 0;
  }

  /** Without the prompt and the first token, which comes from it. */
  double perToken() {
    return decodeMilliseconds / (tokens - texts);
  }

  /** The time of the whole requests, prompts included. */
  double perTokenOfAll() {
    return milliseconds / tokens;
  }

  double acceptance() {
    return drafted == 0 ? 0 : (double) accepted / drafted;
  }

  /** Every token that was not drafted has a pass of its own; the first is the prompt's. */
  double tokensPerPass() {
    return (double) (tokens - texts) / (tokens - texts - accepted);
  }

  int drafted() {
    return drafted;
  }

  int differing() {
    return differing;
  }
}
