package io.proxytune.examples.report;

import java.util.Collections;
import java.util.List;

/** Writes reports as Markdown, tables with pipes; charts are left to pages. For one thread. */
public final class MarkdownWriter {
  private final StringBuilder text = new StringBuilder();

  private MarkdownWriter() {}

  /** The whole report. */
  public static String text(Report report) {
    MarkdownWriter writer = new MarkdownWriter();
    writer.text.append("# ").append(report.title()).append('\n');
    report.blocks().forEach(writer::block);
    return writer.text.toString();
  }

  private void block(Report.Block block) {
    if (block instanceof Report.Paragraph paragraph) {
      text.append('\n').append(paragraph.text()).append('\n');
    } else if (block instanceof Report.Heading heading) {
      text.append("\n## ").append(heading.text()).append('\n');
    } else if (block instanceof Table table) {
      table(table);
    } else if (block instanceof Report.Appendix appendix) {
      text.append("\n## ").append(appendix.title()).append('\n');
      table(appendix.table());
    }
  }

  private void table(Table table) {
    text.append('\n').append(table.caption()).append(":\n\n");
    row(table.header());
    row(Collections.nCopies(table.header().size(), "---"));
    table.rows().forEach(this::row);
  }

  private void row(List<String> cells) {
    text.append(tableRow(cells)).append('\n');
  }

  /** One row as Markdown takes it: no pipe, tag or line end of a cell's own is taken for one. */
  public static String tableRow(List<String> cells) {
    StringBuilder row = new StringBuilder("|");
    for (String cell : cells) {
      String plain = cell.replace("|", "\\|").replace("<", "&lt;").replaceAll("\\s+", " ");
      row.append(' ').append(plain).append(" |");
    }
    return row.toString();
  }
}
