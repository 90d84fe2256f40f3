package io.proxytune.examples.trace;

import io.proxytune.examples.report.Markup;
import java.util.Arrays;
import java.util.List;

/** A table of a page, which scrolls by itself where the screen is narrower. For one thread. */
final class PageTable {
  private final Markup html;

  /**
   * Begins a table whose rows follow.
   *
   * @param caption a few words: screen readers say it for the region, the table and the caption
   */
  PageTable(Markup html, String caption, String... header) {
    this.html = html;
    html.open("div", "class", "wide", "role", "region", "tabindex", "0", "aria-label", caption);
    html.open("table").element("caption", caption);
    html.open("thead").open("tr");
    Arrays.stream(header).forEach(name -> html.element("th", name, "scope", "col"));
    html.close().close().open("tbody");
  }

  /** Adds a row; its first cell is its name. */
  PageTable row(String... cells) {
    html.open("tr").element("th", cells[0], "scope", "row");
    List.of(cells).stream().skip(1).forEach(cell -> html.element("td", cell));
    html.close();
    return this;
  }

  void end() {
    html.close().close().close();
  }
}
