package io.proxytune.bench;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;

/**
 * What was measured, as a Markdown table: first what has a target, then the rest. A figure is the
 * mean of the iterations, with their range.
 */
final class ResultTable {
  /** What tells runs of one benchmark apart. */
  private static final List<String> SHOWN = List.of("layout", "format");

  private static final List<String> HEADINGS =
      List.of("benchmark", "figure", "measured", "range", "target", "reached");

  private final List<Row> rows = new ArrayList<>();

  private record Row(String benchmark, Figure figure, double mean, double least, double most) {
    List<String> cells() {
      return List.of(
          benchmark,
          figure.name(),
          (number(mean) + " " + figure.unit()).trim(),
          number(least) + " to " + number(most),
          target(figure),
          figure.hasTarget() ? (figure.isReachedBy(mean) ? "yes" : "**no**") : "");
    }
  }

  /** The figures of a run. */
  static ResultTable of(Collection<RunResult> results) {
    ResultTable table = new ResultTable();
    for (RunResult run : results) {
      String name = name(run.getParams());
      for (Result<?> result : run.getSecondaryResults().values()) {
        if (result instanceof FigureResult measured) {
          table.add(name, measured);
        }
      }
    }
    return table;
  }

  /** Without the package, and with the layout or format where there is more than one. */
  private static String name(BenchmarkParams params) {
    String name = params.getBenchmark().replaceAll("^.*\\.(\\w+)Benchmark\\.", "$1.");
    for (String shown : SHOWN) {
      String value = params.getParam(shown);
      name = value == null ? name : name + ", " + value;
    }
    return name;
  }

  /**
   * Adds a row.
   *
   * @param benchmark the benchmark's name
   * @param measured a figure of it
   */
  void add(String benchmark, FigureResult measured) {
    rows.add(
        new Row(
            benchmark,
            measured.figure(),
            measured.getScore(),
            measured.getStatistics().getMin(),
            measured.getStatistics().getMax()));
  }

  boolean isEmpty() {
    return rows.isEmpty();
  }

  /** The table, its columns aligned. */
  String markdown() {
    List<List<String>> lines = new ArrayList<>();
    lines.add(HEADINGS);
    rows.stream()
        .sorted(Comparator.comparing(row -> !row.figure.hasTarget())) // keeps the order otherwise
        .forEach(row -> lines.add(row.cells()));
    int[] widths = new int[HEADINGS.size()];
    for (List<String> line : lines) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], line.get(i).length());
      }
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < lines.size(); i++) {
      text.append(line(lines.get(i), widths));
      text.append(i == 0 ? rule(widths) : "");
    }
    return text.toString();
  }

  private static String line(List<String> cells, int[] widths) {
    StringBuilder text = new StringBuilder("|");
    for (int i = 0; i < widths.length; i++) {
      text.append(' ').append(cells.get(i)).append(" ".repeat(widths[i] - cells.get(i).length()));
      text.append(" |");
    }
    return text.append('\n').toString();
  }

  private static String rule(int[] widths) {
    StringBuilder text = new StringBuilder("|");
    for (int width : widths) {
      text.append("-".repeat(width + 2)).append('|');
    }
    return text.append('\n').toString();
  }

  private static String target(Figure figure) {
    return switch (figure.aim()) {
      case NONE -> "";
      case AT_MOST -> "<= " + number(figure.target());
      case AT_LEAST -> ">= " + number(figure.target());
    };
  }

  /** Three digits that matter, at most three behind the point. */
  private static String number(double value) {
    double size = Math.abs(value);
    int decimals = size >= 100 || size == 0 ? 0 : size >= 10 ? 1 : size >= 0.1 ? 2 : 3;
    return String.format(Locale.ROOT, "%." + decimals + "f", value);
  }
}
