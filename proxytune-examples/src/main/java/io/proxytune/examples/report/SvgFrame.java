package io.proxytune.examples.report;

/**
 * What the two kinds of drawings share: a box as wide as a telephone's screen, in which letters
 * stay legible there; on wider screens the page shows it larger, and the letters not as much.
 */
final class SvgFrame {
  /** As many colours as the page's style has. */
  static final int COLOURS = 7;

  /** As many dashes. */
  static final int DASHES = 5;

  static final double WIDTH = 360;
  static final double RIGHT = 14;
  static final double TOP = 12;

  /** A line of text. */
  static final double LINE = 15;

  /** The usual width of a character, on the telephone, where it is widest. */
  private static final double CHARACTER = 6;

  private SvgFrame() {}

  static double textWidth(String text) {
    return CHARACTER * text.codePointCount(0, text.length());
  }

  /** A text cut to a width. */
  static String cut(String text, double width) {
    int room = (int) (width / CHARACTER);
    return text.codePointCount(0, text.length()) <= room
        ? text
        : text.substring(0, text.offsetByCodePoints(0, Math.max(0, room - 1))) + "\u2026";
  }

  /** The classes of a series' strokes: a colour and a dash. */
  static String stroke(int series) {
    return "s" + series % COLOURS + " d" + series % DASHES;
  }

  static void text(Markup svg, String text, String anchor, double x, double y) {
    svg.element("text", text, "x", x, "y", y, "text-anchor", anchor);
  }

  static void line(Markup svg, String style, double x1, double y1, double x2, double y2) {
    svg.leaf("line", "class", style, "x1", x1, "y1", y1, "x2", x2, "y2", y2);
  }
}
