package io.proxytune.examples;

import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/** Rows of cells, each column as wide as its widest cell. */
final class AlignedRows {
  private static final String GAP = "  ";

  private AlignedRows() {}

  /** A line a row; the cells of some columns stand to the right. */
  static List<String> lines(List<List<String>> rows, Set<Integer> right) {
    int[] widths =
        IntStream.range(0, rows.get(0).size())
            .map(i -> rows.stream().mapToInt(row -> length(row.get(i))).max().orElse(0))
            .toArray();
    return rows.stream().map(row -> line(row, widths, right)).toList();
  }

  private static String line(List<String> row, int[] widths, Set<Integer> right) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      String blank = " ".repeat(widths[i] - length(row.get(i)));
      line.append(i == 0 ? "" : GAP);
      line.append(right.contains(i) ? blank + row.get(i) : row.get(i) + blank);
    }
    return line.toString().stripTrailing();
  }

  private static int length(String cell) {
    return cell.codePointCount(0, cell.length());
  }
}
