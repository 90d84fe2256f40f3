package io.proxytune.examples.study;

/** How strongly a base is steered in each turn of a conversation. */
enum Schedule {
  NEVER("base"),
  THROUGHOUT("steered throughout"),
  FIRST("steered in the first turn"),
  FIRST_FOUR("steered in four turns"),
  /** From 1 in the first turn in a line to 0 behind the last. */
  DECAYING("decaying");

  private static final int FOUR = 4;

  private final String words;

  Schedule(String words) {
    this.words = words;
  }

  /** Its name for people. */
  String words() {
    return words;
  }

  /** The strength α of a turn, from 1; at 0 the base answers alone. */
  double at(int turn) {
    return switch (this) {
      case NEVER -> 0;
      case THROUGHOUT -> 1;
      case FIRST -> turn == 1 ? 1 : 0;
      case FIRST_FOUR -> turn <= FOUR ? 1 : 0;
      case DECAYING -> 1 - (turn - 1) / (double) Talks.TURNS;
    };
  }
}
