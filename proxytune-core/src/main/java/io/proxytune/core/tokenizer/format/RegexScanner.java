package io.proxytune.core.tokenizer.format;

import io.proxytune.core.tokenizer.format.RegexParser.UnknownRegexException;

/** The characters of a regular expression, one after another. */
final class RegexScanner {
  private static final int END = -1;
  private static final int MOST_DIGITS = 6;

  private final String text;
  private int position;

  RegexScanner(String text) {
    this.text = text;
  }

  boolean isAtEnd() {
    return position == text.length();
  }

  /** The next character, or -1 at the end. */
  int peek() {
    return isAtEnd() ? END : text.codePointAt(position);
  }

  int next() throws UnknownRegexException {
    if (isAtEnd()) {
      throw new UnknownRegexException("an end in the middle");
    }
    int c = text.codePointAt(position);
    position += Character.charCount(c);
    return c;
  }

  boolean take(char c) {
    boolean fits = peek() == c;
    position += fits ? 1 : 0;
    return fits;
  }

  boolean take(String prefix) {
    boolean fits = text.startsWith(prefix, position);
    position += fits ? prefix.length() : 0;
    return fits;
  }

  /** A decimal number, or -1. */
  int number() {
    int from = position;
    while (position < text.length()
        && position - from < MOST_DIGITS
        && text.charAt(position) >= '0'
        && text.charAt(position) <= '9') {
      position++;
    }
    return from == position ? -1 : Integer.parseInt(text.substring(from, position));
  }

  /** What stands before a closing brace. */
  String braced() throws UnknownRegexException {
    int end = text.indexOf('}', position);
    if (!take('{') || end < 0) {
      throw new UnknownRegexException("an escape without its braces");
    }
    String inside = text.substring(position, end);
    position = end + 1;
    return inside;
  }

  /** Some hexadecimal digits. */
  int hexadecimal(int digits) throws UnknownRegexException {
    int end = Math.min(text.length(), position + digits);
    int value = hexadecimal(text.substring(position, end));
    position = end;
    return value;
  }

  static int hexadecimal(String digits) throws UnknownRegexException {
    if (!digits.matches("[0-9A-Fa-f]{2,6}")
        || !Character.isValidCodePoint(Integer.parseInt(digits, 16))) {
      throw new UnknownRegexException("a character of no number");
    }
    return Integer.parseInt(digits, 16);
  }

  /** What comes next, for messages. */
  String shown() {
    return text.substring(position, Math.min(text.length(), position + 8));
  }
}
