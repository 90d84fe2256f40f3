package io.proxytune.core.text;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Finds the first stop string in a text that comes in pieces, and holds back what could still
 * become one, so that text once released is never taken back.
 *
 * <p>The string that is complete first ends the text, whatever the pieces; of several that end at
 * the same character, the longest. Special tokens leave no text: they count where a stop string
 * names them beside others or text, and are passed over elsewhere; a single one ends the text by
 * its id. For one thread at a time.
 */
final class StopStrings {
  private final List<String> strings;
  private final List<Unit> held = new ArrayList<>();
  private boolean stopped;

  StopStrings(List<String> strings) {
    this.strings = strings;
  }

  /**
   * What is compared as a whole.
   *
   * @param text a character of the text, or the spelling of a special token
   * @param special whether it leaves no text
   */
  private record Unit(String text, boolean special) {}

  /**
   * Takes the next piece.
   *
   * @param piece any text
   * @return the text that is certain to come before a stop string
   */
  String append(String piece) {
    if (strings.isEmpty()) {
      return piece;
    }
    List<Unit> units = piece.chars().mapToObj(c -> new Unit(Character.toString(c), false)).toList();
    return append(units);
  }

  /**
   * Takes a special token.
   *
   * @param spelling the token as a stop string may name it, not empty
   * @return the text that is certain to come before a stop string
   */
  String appendSpecial(String spelling) {
    boolean named = strings.stream().anyMatch(string -> string.contains(spelling));
    return named ? append(List.of(new Unit(spelling, true))) : "";
  }

  private String append(List<Unit> units) {
    if (stopped) {
      return "";
    }
    int unchecked = held.size();
    held.addAll(units);
    for (int end = unchecked + 1; end <= held.size(); end++) {
      int start = startOfLongestEndingAt(end);
      if (start >= 0) {
        stopped = true;
        return release(start);
      }
    }
    return release(possibleStart());
  }

  /** Ends the text: what was held back, unless a stop string was found. */
  String finish() {
    return stopped ? "" : release(held.size());
  }

  /** Whether a stop string was found. */
  boolean stopped() {
    return stopped;
  }

  private int startOfLongestEndingAt(int end) {
    int longest = 0;
    int start = -1;
    for (String string : strings) {
      int found = string.length() > longest ? startEndingAt(end, string) : -1;
      if (found >= 0) {
        longest = string.length();
        start = found;
      }
    }
    return start;
  }

  /** Where a string begins that ends here; −1 if it does not. */
  private int startEndingAt(int end, String string) {
    int left = string.length();
    int unit = end;
    while (left > 0 && unit > 0) {
      Unit current = held.get(--unit);
      boolean matches = string.startsWith(current.text, left - current.text.length());
      if (!matches && (!current.special || unit == end - 1)) {
        return -1;
      }
      left -= matches ? current.text.length() : 0;
    }
    boolean isOneToken = unit == end - 1 && held.get(unit).special;
    return left == 0 && !isOneToken ? unit : -1;
  }

  /** Where the earliest stop string begins that could still be completed; the end if none can. */
  private int possibleStart() {
    for (int start = 0; start < held.size(); start++) {
      int from = start;
      if (strings.stream().anyMatch(string -> couldBegin(from, string))) {
        return start;
      }
    }
    return held.size();
  }

  private boolean couldBegin(int start, String string) {
    int done = 0;
    for (Unit unit : held.subList(start, held.size())) {
      boolean matches = string.startsWith(unit.text, done);
      if (!matches && (!unit.special || done == 0)) {
        return false;
      }
      done += matches ? unit.text.length() : 0;
    }
    return done < string.length();
  }

  private String release(int count) {
    List<Unit> released = held.subList(0, count);
    String text =
        released.stream()
            .filter(unit -> !unit.special)
            .map(Unit::text)
            .collect(Collectors.joining());
    released.clear();
    return text;
  }
}
