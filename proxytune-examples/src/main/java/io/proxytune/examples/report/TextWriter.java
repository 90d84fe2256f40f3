package io.proxytune.examples.report;

import java.util.ArrayList;
import java.util.List;

/** Writes reports as plain text that fits a width. For one thread. */
public final class TextWriter {
  private final int width;
  private final List<String> lines = new ArrayList<>();

  private TextWriter(int width) {
    this.width = width;
  }

  /**
   * The lines of a report.
   *
   * @param width the columns of the terminal; a single word or figure may be wider
   */
  public static List<String> lines(Report report, int width) {
    TextWriter writer = new TextWriter(Math.max(1, width));
    writer.lines.add(report.title());
    writer.lines.add("=".repeat(Math.min(writer.width, report.title().length())));
    report.blocks().stream().filter(TextWriter::isShown).forEach(writer::block);
    return List.copyOf(writer.lines);
  }

  /** In characters, bars would say less than the table beside them. */
  private static boolean isShown(Report.Block block) {
    return block instanceof Chart chart
        ? chart.kind() == Chart.Kind.LINES
        : !(block instanceof Report.Appendix);
  }

  private void block(Report.Block block) {
    lines.add("");
    if (block instanceof Report.Paragraph paragraph) {
      lines.addAll(wrap(paragraph.text(), width));
    } else if (block instanceof Report.Heading heading) {
      lines.add(heading.text());
      lines.add("-".repeat(Math.min(width, heading.text().length())));
    } else if (block instanceof Table table) {
      lines.addAll(TextTable.lines(table, width));
    } else if (block instanceof Chart chart) {
      lines.addAll(TextChart.lines(chart, width));
    }
  }

  /** Breaks a text at spaces. */
  public static List<String> wrap(String text, int width) {
    List<String> wrapped = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    for (String word : text.split(" ", -1)) {
      if (line.length() > 0 && line.length() + 1 + word.length() > width) {
        wrapped.add(line.toString());
        line.setLength(0);
      }
      line.append(line.length() == 0 ? "" : " ").append(word);
    }
    wrapped.add(line.toString());
    return wrapped;
  }
}
