package io.proxytune.core.speculation;

/** Where a draft comes from; its tokens are kept as often as others of the same kind were. */
public enum DraftKind {
  /** The last token occurred before. */
  LOOKUP_1(0.15),
  /** The last two tokens occurred before. */
  LOOKUP_2(0.35),
  /** The last three tokens occurred before. */
  LOOKUP_3(0.6),
  /** The expert picked them. */
  EXPERT(0.75);

  private final double guess;

  DraftKind(double guess) {
    this.guess = guess;
  }

  /** Prompt lookup with so many tokens that occurred before. */
  static DraftKind lookup(int matched) {
    return values()[matched - 1];
  }

  /** The share of the tokens that is taken to be right before any was seen. */
  double guess() {
    return guess;
  }

  /** What the next token of a draft is after one that was right: a match gets longer. */
  DraftKind afterRight() {
    return switch (this) {
      case LOOKUP_1 -> LOOKUP_2;
      case LOOKUP_2, LOOKUP_3 -> LOOKUP_3;
      case EXPERT -> EXPERT;
    };
  }
}
