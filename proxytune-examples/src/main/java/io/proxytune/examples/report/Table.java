package io.proxytune.examples.report;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Rows under a header; the first column names a row, the others hold figures. For one thread until
 * it is complete.
 */
public final class Table implements Report.Block {
  private final String caption;
  private final List<String> header;
  private final List<List<String>> rows = new ArrayList<>();

  public Table(String caption, List<String> header) {
    checkArgument(!header.isEmpty(), "a table needs at least one column, got none");
    this.caption = caption;
    this.header = List.copyOf(header);
  }

  /** Adds a row with a cell for each column. */
  public Table row(String... cells) {
    return row(Arrays.asList(cells));
  }

  /** Adds a row with a cell for each column. */
  public Table row(List<String> cells) {
    checkArgument(
        cells.size() == header.size(),
        "a row of the table \"%s\" needs %s cells, got %s",
        caption,
        header.size(),
        cells);
    rows.add(List.copyOf(cells));
    return this;
  }

  String caption() {
    return caption;
  }

  List<String> header() {
    return header;
  }

  List<List<String>> rows() {
    return List.copyOf(rows);
  }
}
