package io.proxytune.core.speculation;

import java.util.Arrays;

/**
 * Finds the end of a text earlier in the same text, and what followed there. For one thread at a
 * time.
 */
final class PromptLookup {
  /** The most tokens that are compared. */
  static final int LONGEST_MATCH = 3;

  private int[] ids;
  private int count;

  /** Begins with a prompt. */
  PromptLookup(int[] prompt) {
    ids = Arrays.copyOf(prompt, prompt.length + 64);
    count = prompt.length;
  }

  /**
   * The latest of the longest matches.
   *
   * @param length how many of the last tokens occurred there; 0 for no match
   * @param next the index of the token that followed
   */
  record Match(int length, int next) {}

  void append(int id) {
    if (count == ids.length) {
      ids = Arrays.copyOf(ids, 2 * count);
    }
    ids[count++] = id;
  }

  /** The number of tokens known. */
  int size() {
    return count;
  }

  Match find() {
    Match best = new Match(0, count);
    for (int end = count - 2; end >= 0 && best.length < LONGEST_MATCH; end--) {
      int length = commonLength(end);
      if (length > best.length) {
        best = new Match(length, end + 1);
      }
    }
    return best;
  }

  /** How many tokens up to an index are the last tokens of the text. */
  private int commonLength(int end) {
    int length = 0;
    while (length < LONGEST_MATCH
        && length <= end
        && ids[end - length] == ids[count - 1 - length]) {
      length++;
    }
    return length;
  }

  /** What followed a match; past the end of the text it repeats itself. */
  int[] continuation(Match match, int length) {
    int[] found = new int[length];
    for (int i = 0; i < length; i++) {
      int at = match.next + i;
      found[i] = at < count ? ids[at] : found[at - count];
    }
    return found;
  }
}
