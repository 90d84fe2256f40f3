package io.proxytune.core.speculation;

import java.util.Random;
import java.util.function.IntToDoubleFunction;

/**
 * A text whose tokens are known beforehand, as simulations of drafting need it.
 *
 * @param prompt the ids of the prompt
 * @param ids the ids that are generated
 * @param expertRight whether the expert, having read all before, picks each of these
 */
@SuppressWarnings("ArrayRecordComponent") // not compared
record SimulatedText(int[] prompt, int[] ids, boolean[] expertRight) {
  /**
   * A text without repetitions.
   *
   * @param expert the probability that the expert picks the token at a position
   */
  static SimulatedText of(int length, long seed, IntToDoubleFunction expert) {
    Random random = new Random(seed);
    int[] ids = new int[length];
    boolean[] right = new boolean[length];
    for (int i = 0; i < length; i++) {
      ids[i] = 100 + i;
      right[i] = random.nextDouble() < expert.applyAsDouble(i);
    }
    return new SimulatedText(new int[] {1, 2, 3}, ids, right);
  }

  /** The same with ids that repeat themselves after so many. */
  SimulatedText repeating(int period) {
    int[] repeated = new int[ids.length];
    for (int i = 0; i < ids.length; i++) {
      repeated[i] = 100 + i % period;
    }
    return new SimulatedText(prompt, repeated, expertRight);
  }

  int length() {
    return ids.length;
  }

  /** How many of the tokens that the expert drafts from a position on are right. */
  int rightByExpert(int position, int drafted) {
    int right = 0;
    while (right < drafted && position + right < ids.length && expertRight[position + right]) {
      right++;
    }
    return right;
  }
}
