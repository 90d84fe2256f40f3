package io.proxytune.examples.report;

import java.util.List;

/** Writes a report as one HTML page that holds all it needs, charts included, and no script. */
public final class HtmlWriter {
  private static final String STYLE =
      """
      :root { color-scheme: light dark; --ink: #1b1f24; --paper: #ffffff; --faint: #8a929c;
        --line: #d5dae0; --s0: #0b62a4; --s1: #b4470b; --s2: #17753a; --s3: #7a3e9d; --s4: #946200;
        --s5: #5b6770; --s6: #a3195b; }
      @media (prefers-color-scheme: dark) { :root { --ink: #e6e9ed; --paper: #14171a;
        --faint: #8d97a3; --line: #3a4149; --s0: #6cb2ee; --s1: #f29a62; --s2: #6fcf8e;
        --s3: #c99be6; --s4: #e0b450; --s5: #aab4be; --s6: #f08ab8; } }
      body { margin: 2rem auto; padding: 0 1rem; max-width: 60rem; color: var(--ink);
        background: var(--paper); font: 1rem/1.5 system-ui, sans-serif; }
      div.wide { overflow-x: auto; }
      table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
      caption { text-align: left; padding: .5rem 0; color: var(--ink); }
      th, td { padding: .2rem .7rem; border-bottom: 1px solid var(--line); text-align: right; }
      th:first-child, td:first-child { text-align: left; }
      td { white-space: nowrap; }
      svg { width: 100%; height: auto; font-size: 12px; }
      svg text { fill: var(--ink); } svg .axis { stroke: var(--faint); }
      svg .grid { stroke: var(--line); } svg .bar { stroke: var(--ink); }
      svg .series { fill: none; stroke-width: 2; }
      """;

  private final Markup html = new Markup();

  private HtmlWriter() {}

  /** The page. */
  public static String page(Report report) {
    HtmlWriter writer = new HtmlWriter();
    writer.head(report.title());
    report.blocks().forEach(writer::block);
    writer.html.close().close().close();
    return writer.html + "\n";
  }

  private void head(String title) {
    html.documentType("<!DOCTYPE html>").open("html", "lang", "en").open("head");
    html.leaf("meta", "charset", "utf-8");
    html.leaf("meta", "name", "viewport", "content", "width=device-width, initial-scale=1");
    html.element("title", title).element("style", STYLE + series()).close();
    html.open("body").open("main").element("h1", title);
  }

  /** A colour for each series that charts tell apart. */
  private static String series() {
    StringBuilder style = new StringBuilder();
    for (int i = 0; i < SvgFrame.COLOURS; i++) {
      style.append(
          "svg .s%1$d { stroke: var(--s%1$d); } svg .f%1$d { fill: var(--s%1$d); }\n".formatted(i));
    }
    return style.toString();
  }

  private void block(Report.Block block) {
    if (block instanceof Report.Paragraph paragraph) {
      html.element("p", paragraph.text());
    } else if (block instanceof Report.Heading heading) {
      html.element("h2", heading.text());
    } else if (block instanceof Table table) {
      table(table);
    } else if (block instanceof Chart chart) {
      SvgChart.write(chart, html);
    }
  }

  private void table(Table table) {
    html.open("div", "class", "wide").open("table").element("caption", table.caption());
    html.open("thead").open("tr");
    table.header().forEach(name -> html.element("th", name, "scope", "col"));
    html.close().close().open("tbody");
    table.rows().forEach(this::row);
    html.close().close().close();
  }

  private void row(List<String> cells) {
    html.open("tr").element("th", cells.get(0), "scope", "row");
    cells.stream().skip(1).forEach(cell -> html.element("td", cell));
    html.close();
  }
}
