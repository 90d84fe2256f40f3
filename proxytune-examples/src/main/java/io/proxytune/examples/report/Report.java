package io.proxytune.examples.report;

import java.util.ArrayList;
import java.util.List;

/** What a command has to say, in order. For one thread. */
public final class Report {
  private final String title;
  private final List<Block> blocks = new ArrayList<>();

  /** A part of a report. */
  sealed interface Block permits Paragraph, Heading, Appendix, Table, Chart {}

  /** Running text. */
  record Paragraph(String text) implements Block {}

  /** The title of what follows. */
  record Heading(String text) implements Block {}

  /** What a page has and a terminal has no room for. */
  record Appendix(String title, Table table) implements Block {}

  public Report(String title) {
    this.title = title;
  }

  /** A report that says the same, and can be gone on with by itself. */
  Report copy() {
    Report copy = new Report(title);
    copy.blocks.addAll(blocks);
    return copy;
  }

  /** Adds running text; line ends in it are spaces. */
  public Report paragraph(String text) {
    blocks.add(new Paragraph(text.strip().replaceAll("\\s+", " ")));
    return this;
  }

  /** Begins a section. */
  public Report heading(String text) {
    blocks.add(new Heading(text));
    return this;
  }

  /** Adds a table. */
  public Report table(Table table) {
    blocks.add(table);
    return this;
  }

  /** Adds a section with a table that only pages show. */
  public Report appendix(String heading, Table table) {
    blocks.add(new Appendix(heading, table));
    return this;
  }

  /** Adds a chart. */
  public Report chart(Chart chart) {
    blocks.add(chart);
    return this;
  }

  String title() {
    return title;
  }

  List<Block> blocks() {
    return List.copyOf(blocks);
  }
}
