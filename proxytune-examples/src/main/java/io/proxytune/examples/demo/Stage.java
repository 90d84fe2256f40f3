package io.proxytune.examples.demo;

import io.proxytune.examples.report.Display;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/** Shows several growing answers: side by side where there is room, else one after the other. */
final class Stage {
  private static final int LEAST_COLUMN = 18;
  private static final String GAP = "  ";

  private final PrintStream out;
  private final Display display;
  private final Style style;

  Stage(PrintStream out, Display display) {
    this.out = out;
    this.display = display;
    this.style = display.styled() ? Style.ESCAPES : Style.BRACKETS;
  }

  void show(List<Voice> voices) {
    if (display.styled() && column(voices.size()) >= LEAST_COLUMN) {
      sideBySide(voices);
    } else {
      voices.forEach(this::alone);
    }
  }

  private int column(int voices) {
    // One column stays free: terminals wrap a line that fills the last one.
    return (display.width() - 1 - GAP.length() * (voices - 1)) / voices;
  }

  /** Draws all again after each round, over what was there. */
  private void sideBySide(List<Voice> voices) {
    int drawn = 0;
    boolean going = true;
    while (going) {
      going = false;
      for (Voice voice : voices) {
        going |= voice.advance();
      }
      List<String> lines = lines(voices);
      out.print(drawn == 0 ? "" : "\033[" + drawn + "A");
      lines.forEach(line -> out.print("\r\033[K" + line + "\n"));
      out.flush();
      drawn = lines.size();
    }
  }

  private List<String> lines(List<Voice> voices) {
    int width = column(voices.size());
    List<List<Words.Line>> columns = new ArrayList<>();
    for (Voice voice : voices) {
      List<Words.Line> lines = new ArrayList<>();
      Words.wrap(List.of(new Piece(voice.title(), false)), Style.BRACKETS, width)
          .forEach(line -> lines.add(new Words.Line(style.name(line.text()), line.width())));
      lines.addAll(Words.wrap(voice.pieces(), style, width));
      columns.add(lines);
    }
    int height = columns.stream().mapToInt(List::size).max().orElse(0);
    List<String> rows = new ArrayList<>();
    for (int row = 0; row < height; row++) {
      rows.add(row(columns, row, width));
    }
    return rows;
  }

  private static String row(List<List<Words.Line>> columns, int row, int width) {
    StringBuilder text = new StringBuilder();
    for (List<Words.Line> lines : columns) {
      Words.Line line = row < lines.size() ? lines.get(row) : new Words.Line("", 0);
      text.append(text.length() == 0 ? "" : GAP).append(line.padded(width));
    }
    return text.toString().stripTrailing();
  }

  private void alone(Voice voice) {
    while (voice.advance()) {
      // Shown as a whole: lines can only be broken where the words are known.
    }
    out.println(style.name(voice.title()));
    Words.wrap(voice.pieces(), style, display.width() - GAP.length())
        .forEach(line -> out.println(GAP + line.text()));
    out.flush();
  }
}
