package io.proxytune.examples.demo;

import java.util.ArrayList;
import java.util.List;

/** Breaks pieces of text into lines, with the changed ones marked. For one thread. */
final class Words {
  private final Style style;
  private final int width;
  private final List<String> lines = new ArrayList<>();
  private final List<Integer> widths = new ArrayList<>();
  private final StringBuilder line = new StringBuilder();
  private int column;

  private Words(Style style, int width) {
    this.style = style;
    this.width = width;
  }

  /**
   * A line.
   *
   * @param text what is printed
   * @param width how many columns it takes
   */
  record Line(String text, int width) {
    String padded(int columns) {
      return text + " ".repeat(Math.max(0, columns - width));
    }
  }

  static List<Line> wrap(List<Piece> pieces, Style style, int width) {
    Words words = new Words(style, width);
    pieces.forEach(words::add);
    words.endLine();
    List<Line> wrapped = new ArrayList<>();
    for (int i = 0; i < words.lines.size(); i++) {
      wrapped.add(new Line(words.lines.get(i), words.widths.get(i)));
    }
    return wrapped;
  }

  private void add(Piece piece) {
    String word = piece.text().strip();
    if (word.isEmpty()) {
      return;
    }
    int length = word.codePointCount(0, word.length());
    int taken = piece.changed() ? style.width(length) : length;
    boolean blank = column > 0 && Character.isWhitespace(piece.text().charAt(0));
    if (column > 0 && column + (blank ? 1 : 0) + taken > width) {
      endLine();
      blank = false;
    }
    line.append(blank ? " " : "").append(piece.changed() ? style.mark(word) : word);
    column += (blank ? 1 : 0) + taken;
  }

  private void endLine() {
    lines.add(line.toString());
    widths.add(column);
    line.setLength(0);
    column = 0;
  }
}
