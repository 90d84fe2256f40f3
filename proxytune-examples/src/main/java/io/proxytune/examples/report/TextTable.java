package io.proxytune.examples.report;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A table in characters: the first column to the left, figures to the right. Where it is too wide,
 * each row becomes a group of lines, a figure a line.
 */
final class TextTable {
  private static final String GAP = "  ";

  private TextTable() {}

  static List<String> lines(Table table, int width) {
    List<Integer> widths = widths(table);
    int needed =
        widths.stream().mapToInt(Integer::intValue).sum() + GAP.length() * (widths.size() - 1);
    List<String> lines = new ArrayList<>(TextWriter.wrap(table.caption(), width));
    if (needed <= width) {
      lines.add(line(table.header(), widths));
      lines.add("-".repeat(needed));
      table.rows().forEach(row -> lines.add(line(row, widths)));
    } else {
      table.rows().forEach(row -> group(table.header(), row, lines));
    }
    return lines;
  }

  private static List<Integer> widths(Table table) {
    return IntStream.range(0, table.header().size()).mapToObj(i -> width(table, i)).toList();
  }

  private static int width(Table table, int column) {
    int widest = table.rows().stream().mapToInt(row -> length(row.get(column))).max().orElse(0);
    return Math.max(widest, length(table.header().get(column)));
  }

  private static int length(String cell) {
    return cell.codePointCount(0, cell.length());
  }

  private static String line(List<String> cells, List<Integer> widths) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < cells.size(); i++) {
      String blank = " ".repeat(widths.get(i) - length(cells.get(i)));
      line.append(i == 0 ? "" : GAP);
      line.append(i == 0 ? cells.get(i) + blank : blank + cells.get(i));
    }
    return line.toString().stripTrailing();
  }

  private static void group(List<String> header, List<String> row, List<String> lines) {
    int widest = header.stream().skip(1).mapToInt(TextTable::length).max().orElse(0);
    lines.add(row.get(0));
    for (int i = 1; i < row.size(); i++) {
      String name = header.get(i) + " ".repeat(widest - length(header.get(i)));
      lines.add((GAP + name + GAP + row.get(i)).stripTrailing());
    }
  }
}
