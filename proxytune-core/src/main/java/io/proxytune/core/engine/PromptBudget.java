package io.proxytune.core.engine;

/**
 * How many prompt tokens a step reads beside texts that go on: so many that the step takes hardly
 * longer, as far as steps have shown. For the thread that runs steps.
 */
final class PromptBudget {
  private static final int FIRST = 32;
  private static final int LEAST = 16;
  private static final int MOST = 512;

  /** What the prompts may add to a step, as a share of its time. */
  private static final double SHARE = 0.3;

  private static final double RATE = 0.25;

  private double plainNanos;
  private double tokenNanos;
  private double tokens = FIRST;

  /** The most prompt tokens of the next step. */
  int tokens() {
    return (int) tokens;
  }

  /**
   * Learns from a step of texts that went on.
   *
   * @param promptTokens how many prompt tokens it read beside
   * @param nanos its time
   */
  void learn(int promptTokens, long nanos) {
    if (promptTokens == 0) {
      plainNanos = mean(plainNanos, (double) nanos);
    } else if (plainNanos > 0) {
      tokenNanos = mean(tokenNanos, Math.max(0, nanos - plainNanos) / promptTokens);
    }
    if (tokenNanos > 0) {
      double affordable = SHARE * plainNanos / tokenNanos;
      double next = Math.max(tokens / 2, Math.min(tokens * 2, affordable));
      tokens = Math.max(LEAST, Math.min(MOST, next));
    }
  }

  private static double mean(double before, double next) {
    return before == 0 ? next : before + RATE * (next - before);
  }
}
