package io.proxytune.core.tokenizer.jinja;

/** Finds a text in another one; a long one is paid for char by char, as it may nearly match. */
final class Search {
  private static final int SHORT = 16;

  private Search() {}

  static boolean contains(Budget budget, String text, String part) {
    return first(budget, text, part, 0) >= 0;
  }

  /** The first place at or after {@code from}; -1 if there is none. */
  static int first(Budget budget, String text, String part, int from) {
    int last = text.length() - part.length();
    if (part.length() <= SHORT) {
      int at = text.indexOf(part, from);
      budget.work(1L + (at < 0 ? Math.max(0, last - from) : at - from));
      return at;
    }
    int at = from;
    while ((at = text.indexOf(part.charAt(0), at)) >= 0 && at <= last) {
      if (matches(budget, text, part, at)) {
        return at;
      }
      at++;
    }
    budget.work(1L + Math.max(0, last - from));
    return -1;
  }

  /** The last place; -1 if there is none. */
  static int last(Budget budget, String text, String part) {
    int at = text.length() - part.length();
    while (at >= 0 && !matches(budget, text, part, at)) {
      at--;
    }
    return Math.max(-1, at);
  }

  private static boolean matches(Budget budget, String text, String part, int at) {
    int same = 0;
    while (same < part.length() && text.charAt(at + same) == part.charAt(same)) {
      same++;
    }
    budget.work(1L + same);
    return same == part.length();
  }
}
