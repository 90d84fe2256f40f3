package io.proxytune.core.decode;

/** Where a draft comes from; its tokens are kept as often as others of the same kind were. */
enum DraftKind {
  /** The last token occurred before. */
  LOOKUP_1,
  /** The last two tokens occurred before. */
  LOOKUP_2,
  /** The last three tokens occurred before. */
  LOOKUP_3,
  /** The expert picked them. */
  EXPERT;

  /** Prompt lookup with so many tokens that occurred before. */
  static DraftKind lookup(int matched) {
    return values()[matched - 1];
  }
}
