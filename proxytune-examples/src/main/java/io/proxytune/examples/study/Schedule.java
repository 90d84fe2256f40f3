package io.proxytune.examples.study;

import java.util.function.IntToDoubleFunction;

/**
 * How strongly a base is steered in each turn of a conversation: immutable.
 *
 * @param name for people
 * @param strength α by turn, from 1; at 0 the base answers alone
 */
record Schedule(String name, IntToDoubleFunction strength) {
  static final Schedule NEVER = new Schedule("base", turn -> 0);
  static final Schedule THROUGHOUT = new Schedule("steered throughout", turn -> 1);
  static final Schedule FIRST = firstTurns("steered in the first turn", 1);
  static final Schedule FIRST_FOUR = firstTurns("steered in four turns", 4);

  /** From 1 in the first turn in a line to 0 behind the last. */
  static final Schedule DECAYING =
      new Schedule("decaying", turn -> 1 - (turn - 1) / (double) Talks.TURNS);

  private static Schedule firstTurns(String name, int count) {
    return new Schedule(name, turn -> turn <= count ? 1 : 0);
  }

  double at(int turn) {
    return strength.applyAsDouble(turn);
  }
}
