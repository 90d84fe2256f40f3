package io.proxytune.core.decode;

import java.util.List;

/**
 * Finds the first stop string in a text that comes in pieces, and holds back what could still
 * become one, so that text once released is never taken back.
 *
 * <p>The string that is complete first ends the text, whatever the pieces; of several that end at
 * the same character, the longest. For one thread at a time.
 */
final class StopStrings {
  private final List<String> strings;
  private final StringBuilder held = new StringBuilder();
  private boolean stopped;

  StopStrings(List<String> strings) {
    this.strings = strings;
  }

  /**
   * Takes the next piece.
   *
   * @param piece any text
   * @return the text that is certain to come before a stop string
   */
  String append(String piece) {
    if (stopped) {
      return "";
    }
    int unchecked = held.length();
    held.append(piece);
    for (int end = unchecked + 1; end <= held.length(); end++) {
      int length = longestEndingAt(end);
      if (length > 0) {
        stopped = true;
        return release(end - length);
      }
    }
    return release(held.length() - possibleStart());
  }

  /** Ends the text: what was held back, unless a stop string was found. */
  String finish() {
    return stopped ? "" : release(held.length());
  }

  /** Whether a stop string was found. */
  boolean stopped() {
    return stopped;
  }

  private int longestEndingAt(int end) {
    int longest = 0;
    for (String string : strings) {
      int start = end - string.length();
      if (string.length() > longest && start >= 0 && held.indexOf(string, start) == start) {
        longest = string.length();
      }
    }
    return longest;
  }

  /** The length of the longest end of the text that begins a stop string. */
  private int possibleStart() {
    int longest = 0;
    for (String string : strings) {
      for (int n = Math.min(string.length() - 1, held.length()); n > longest; n--) {
        if (string.startsWith(held.substring(held.length() - n))) {
          longest = n;
        }
      }
    }
    return longest;
  }

  private String release(int length) {
    String text = held.substring(0, length);
    held.delete(0, length);
    return text;
  }
}
