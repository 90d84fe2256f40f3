package io.proxytune.examples.tasks;

/** Blanks as Python's {@code str} has them: the no-break space and its kin count too. */
final class PythonText {
  private PythonText() {}

  static String strip(String text) {
    return lstrip(rstrip(text));
  }

  static String lstrip(String text) {
    int from = 0;
    while (from < text.length() && isSpace(text.charAt(from))) {
      from++;
    }
    return text.substring(from);
  }

  static String rstrip(String text) {
    int to = text.length();
    while (to > 0 && isSpace(text.charAt(to - 1))) {
      to--;
    }
    return text.substring(0, to);
  }

  private static boolean isSpace(char c) {
    return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == '\u0085';
  }

  /** What stands before the first of several texts. */
  static String before(String text, Iterable<String> marks) {
    String kept = text;
    for (String mark : marks) {
      int at = kept.indexOf(mark);
      kept = at < 0 ? kept : kept.substring(0, at);
    }
    return kept;
  }
}
