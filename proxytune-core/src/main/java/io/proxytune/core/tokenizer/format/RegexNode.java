package io.proxytune.core.tokenizer.format;

import java.util.List;

/** A part of a regular expression. */
sealed interface RegexNode {
  /**
   * One character of a set.
   *
   * @param set the set
   */
  record One(CharacterSet set) implements RegexNode {}

  /**
   * Parts one after another.
   *
   * @param parts the parts
   */
  record Row(List<RegexNode> parts) implements RegexNode {}

  /**
   * One of several parts, the first that fits.
   *
   * @param options the parts
   */
  record Choice(List<RegexNode> options) implements RegexNode {}

  /**
   * A part again and again.
   *
   * @param body the part
   * @param least how often at least
   * @param most how often at most, {@link #ENDLESS} for no limit
   */
  record Repeat(RegexNode body, int least, int most) implements RegexNode {
    static final int ENDLESS = Integer.MAX_VALUE;

    boolean isEndless() {
      return most == ENDLESS;
    }
  }

  /**
   * A part that is never tried in another way once it fits.
   *
   * @param body the part
   */
  record Atomic(RegexNode body) implements RegexNode {}

  /**
   * A look around that takes no character.
   *
   * @param body what is looked for; an empty row for the ends of words, lines and the text
   */
  record Look(RegexNode body) implements RegexNode {}
}
