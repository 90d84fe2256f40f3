package io.proxytune;

import org.jspecify.annotations.Nullable;

/**
 * Makes a message fit to be shown and logged. Messages quote files that may be hostile: a name of a
 * million characters, or one that moves a terminal's cursor, must not reach whoever reads them.
 */
final class MessageText {
  /** Longer ones lose their middle: what went wrong stands first, and what to do last. */
  static final int MAX_LENGTH = 2000;

  private static final int KEPT_AT_END = 700;

  /** What a value takes in the text of an object that has many of them. */
  static final int BRIEF_LENGTH = 200;

  private static final int BRIEF_AT_END = 50;

  private MessageText() {}

  /** The message with control characters spelled out, and of bounded length. */
  static String of(@Nullable String message) {
    return message == null ? "" : fit(message);
  }

  /** A value in a few words, on one line: a long one loses its middle and says how long it is. */
  static String brief(Object value) {
    String text = value.toString();
    String shorter = shorter(text, BRIEF_LENGTH, BRIEF_AT_END);
    String length = text.length() > BRIEF_LENGTH ? " (" + text.length() + " characters)" : "";
    return fit(shorter).replace("\n", "\\n") + length;
  }

  private static String fit(String message) {
    String shorter = shorter(message, MAX_LENGTH, KEPT_AT_END);
    return shorter.chars().anyMatch(MessageText::isUnfit) ? spelledOut(shorter) : shorter;
  }

  private static String shorter(String text, int length, int atEnd) {
    return text.length() <= length
        ? text
        : text.substring(0, length - atEnd) + " … " + text.substring(text.length() - atEnd);
  }

  private static String spelledOut(String message) {
    StringBuilder text = new StringBuilder();
    message
        .chars()
        .forEach(
            c -> {
              if (isUnfit(c)) {
                text.append("\\u").append(hex(c));
              } else {
                text.append((char) c);
              }
            });
    return text.toString();
  }

  private static String hex(int c) {
    return Integer.toHexString(0x10000 + c).substring(1);
  }

  /** Control characters but line breaks, and those that turn the direction of writing. */
  private static boolean isUnfit(int c) {
    return (Character.isISOControl(c) && c != '\n')
        || (c >= 0x202A && c <= 0x202E)
        || (c >= 0x2066 && c <= 0x2069);
  }
}
