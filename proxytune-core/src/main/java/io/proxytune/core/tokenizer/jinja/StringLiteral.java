package io.proxytune.core.tokenizer.jinja;

import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The escapes of Python's string literals. */
final class StringLiteral {
  private static final Pattern ESCAPE =
      Pattern.compile(
          "\\\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{1,3})"
              + "|N\\{([^}]*)\\}|(.))",
          Pattern.DOTALL);

  /** A letter and the character that it stands for behind a backslash. */
  private static final String SIMPLE = "n\nt\tr\rb\bf\fa\u0007v\u000B'\'\"\"\\\\";

  private StringLiteral() {}

  /**
   * What stands between the quotes.
   *
   * @param body the literal without its quotes
   * @param line where it stands, for errors
   * @return its value
   */
  static String unescape(String body, int line) {
    if (body.indexOf('\\') < 0) {
      return body;
    }
    try {
      return ESCAPE.matcher(body).replaceAll(match -> Matcher.quoteReplacement(value(match)));
    } catch (IllegalArgumentException e) {
      throw new TemplateException(line, "a string has an escape that is none: " + e.getMessage());
    }
  }

  private static String value(MatchResult match) {
    for (int group = 1; group <= 3; group++) {
      if (match.group(group) != null) {
        return Character.toString(Integer.parseUnsignedInt(match.group(group), 16));
      }
    }
    if (match.group(4) != null) {
      return Character.toString(Integer.parseInt(match.group(4), 8));
    }
    return match.group(5) != null
        ? Character.toString(Character.codePointOf(match.group(5)))
        : simple(match.group(6).charAt(0));
  }

  private static String simple(char c) {
    if ("xuUN".indexOf(c) >= 0) {
      throw new IllegalArgumentException("truncated \\" + c);
    }
    for (int i = 0; i < SIMPLE.length(); i += 2) {
      if (SIMPLE.charAt(i) == c) {
        return String.valueOf(SIMPLE.charAt(i + 1));
      }
    }
    return c == '\n' ? "" : "\\" + c;
  }
}
