package io.proxytune.core.constraint;

import com.google.common.primitives.ImmutableIntArray;

/** A text that is looked for in another, character by character: immutable. */
final class Mark {
  private final String text;
  private final ImmutableIntArray characters;

  Mark(String text) {
    this.text = text;
    this.characters = ImmutableIntArray.copyOf(text.codePoints());
  }

  int length() {
    return characters.length();
  }

  int[] distinct() {
    return text.codePoints().distinct().toArray();
  }

  CodePoints characters() {
    return CodePoints.of(text);
  }

  /**
   * How much of the mark a text ends with.
   *
   * @param matched how much it ended with before
   * @param character the character that came
   */
  int matchedAfter(int matched, int character) {
    for (int length = matched + 1; length > 0; length--) {
      if (characters.get(length - 1) == character && endsWith(matched, length - 1)) {
        return length;
      }
    }
    return 0;
  }

  /** Whether the first so many characters end with the first of another number. */
  private boolean endsWith(int whole, int length) {
    return characters.subArray(whole - length, whole).equals(characters.subArray(0, length));
  }
}
