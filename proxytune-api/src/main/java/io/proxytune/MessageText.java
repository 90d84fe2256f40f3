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

  private MessageText() {}

  /** The message with control characters spelled out, and of bounded length. */
  static String of(@Nullable String message) {
    return message == null ? "" : fit(message);
  }

  private static String fit(String message) {
    String shorter =
        message.length() <= MAX_LENGTH
            ? message
            : message.substring(0, MAX_LENGTH - KEPT_AT_END)
                + " … "
                + message.substring(message.length() - KEPT_AT_END);
    return shorter.chars().anyMatch(MessageText::isUnfit) ? spelledOut(shorter) : shorter;
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
