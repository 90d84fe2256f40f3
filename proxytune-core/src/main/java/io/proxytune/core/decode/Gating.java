package io.proxytune.core.decode;

/**
 * How strongly the tokens of one text's part in a step are steered, where its experts are asked
 * only for those that they steer.
 *
 * @param strengths a factor for each row
 * @param audited for each row whether its token is looked at if it is not steered
 * @param asked whether the experts have rows too
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Gating(double[] strengths, boolean[] audited, boolean asked) {
  /**
   * What became of a token.
   *
   * @param unsteered whether the base decided alone
   * @param asked whether the experts were run
   */
  record Outcome(boolean unsteered, boolean asked) {
    static final Outcome STEERED = new Outcome(false, true);
  }

  boolean isAudited(int row) {
    return asked && strengths[row] == 0 && audited[row];
  }

  Outcome outcome(int row) {
    return new Outcome(strengths[row] == 0, asked);
  }
}
