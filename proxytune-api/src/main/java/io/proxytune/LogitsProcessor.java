package io.proxytune;

/**
 * An application's own edit of the fused logits before a token is sampled. It costs a copy of the
 * row to the heap and back at each step.
 *
 * <p><b>Threads:</b> called by the thread that asked for the text, by several at once if several
 * requests use it. Other requests don't wait for it.
 */
@FunctionalInterface
public interface LogitsProcessor {
  /**
   * Edits a row in place.
   *
   * @param logits the fused logits after penalties, bias and bans; −∞ bans a token, NaN and +∞ are
   *     refused
   * @param context where in the text the token goes
   */
  void process(float[] logits, SamplingContext context);
}
