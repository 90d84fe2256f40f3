package io.proxytune.examples.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** A chart in ASCII: a letter for each series, {@code *} where several meet. */
final class TextChart {
  private static final int HEIGHT = 11;
  private static final int AXIS = 7;

  private final Chart chart;
  private final int step;
  private final char[][] cells;

  private TextChart(Chart chart, int width) {
    this.chart = chart;
    int points = chart.axis().size();
    this.step = Math.max(1, Math.min(6, (width - AXIS) / points));
    this.cells = new char[HEIGHT][points * step];
    Arrays.stream(cells).forEach(row -> Arrays.fill(row, ' '));
  }

  static List<String> lines(Chart chart, int width) {
    List<String> lines = new ArrayList<>(TextWriter.wrap(chart.title(), width));
    TextChart text = new TextChart(chart, width);
    for (int i = 0; i < chart.series().size(); i++) {
      text.plot(letter(i), chart.series().get(i));
    }
    text.addRows(lines);
    text.addAxis(lines);
    for (int i = 0; i < chart.series().size(); i++) {
      lines.add("  " + letter(i) + " = " + chart.series().get(i).name());
    }
    return lines;
  }

  private static char letter(int series) {
    return (char) ('a' + series % 26);
  }

  private void plot(char letter, Series series) {
    for (int i = 0; i < series.values().size(); i++) {
      double value = series.values().get(i);
      if (!Double.isNaN(value)) {
        int row = (int) Math.round((1 - chart.range().place(value)) * (HEIGHT - 1));
        int column = column(i);
        cells[row][column] = cells[row][column] == ' ' ? letter : '*';
      }
    }
  }

  private void addRows(List<String> lines) {
    for (int row = 0; row < HEIGHT; row++) {
      double value = chart.range().at(1 - row / (HEIGHT - 1.0));
      String label = row % 5 == 0 ? String.format(Locale.ROOT, "%5.2f", value) : "";
      String line = String.format(Locale.ROOT, "%5s |%s", label, new String(cells[row]));
      lines.add(line.stripTrailing());
    }
  }

  private int column(int point) {
    int last = (chart.axis().size() - 1) * step;
    return step / 2 + (int) Math.round(chart.axis().place(point) * last);
  }

  /** Labels that would run into each other are left out. */
  private void addAxis(List<String> lines) {
    lines.add("      +" + "-".repeat(chart.axis().size() * step));
    StringBuilder labels = new StringBuilder(" ".repeat(AXIS));
    for (int i = 0; i < chart.axis().size(); i++) {
      String label = chart.axis().points().get(i);
      int start = AXIS + column(i) - label.length() / 2;
      if (start > labels.length() || i == 0) {
        labels.append(" ".repeat(Math.max(0, start - labels.length()))).append(label);
      }
    }
    lines.add(labels.toString());
    lines.add(" ".repeat(AXIS) + chart.axis().label());
  }
}
