package io.proxytune.examples.report;

import java.util.Locale;

/** Makes visible what a text holds and a page would swallow, or obey. */
public final class Visible {
  private static final int PICTURES = 0x2400;
  private static final int DELETE_PICTURE = 0x2421;
  private static final int ZERO_WIDTH_JOINER = 0x200D;

  private Visible() {}

  /**
   * A text with signs for control characters, and numbers for halves of characters, marks of
   * direction and the like. A line break stays one, with a sign before it.
   */
  public static String of(String text) {
    StringBuilder shown = new StringBuilder();
    text.codePoints().forEach(c -> append(c, shown));
    return shown.toString();
  }

  private static void append(int c, StringBuilder shown) {
    int type = Character.getType(c);
    if (c == '\n') {
      shown.append("\u21b5\n");
    } else if (c == '\t') {
      shown.append("\u21e5\t");
    } else if (c < ' ') {
      shown.appendCodePoint(PICTURES + c);
    } else if (c == 0x7F) {
      shown.appendCodePoint(DELETE_PICTURE);
    } else if ((c != ZERO_WIDTH_JOINER && isUnseen(type)) || isNoCharacter(c)) {
      shown.append(String.format(Locale.ROOT, "\u27e8U+%04X\u27e9", c));
    } else {
      shown.appendCodePoint(c);
    }
  }

  private static boolean isUnseen(int type) {
    return type == Character.CONTROL
        || type == Character.FORMAT
        || type == Character.SURROGATE
        || type == Character.LINE_SEPARATOR
        || type == Character.PARAGRAPH_SEPARATOR;
  }

  /** U+FFFE and the like, which no page may hold. */
  private static boolean isNoCharacter(int c) {
    return (c & 0xFFFE) == 0xFFFE || (c >= 0xFDD0 && c <= 0xFDEF);
  }
}
