package io.proxytune.examples.report;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** Writes a report as one HTML page that holds all it needs, charts included, and no script. */
public final class HtmlWriter {
  private static final String STYLE =
      """
      :root { color-scheme: light dark; --ink: #1b1f24; --paper: #ffffff; --faint: #6b747e;
        --line: #d5dae0; --s0: #0b62a4; --s1: #b4470b; --s2: #17753a; --s3: #7a3e9d; --s4: #946200;
        --s5: #5b6770; --s6: #a3195b; }
      @media screen and (prefers-color-scheme: dark) { :root { --ink: #e6e9ed; --paper: #14171a;
        --faint: #8d97a3; --line: #3a4149; --s0: #6cb2ee; --s1: #f29a62; --s2: #6fcf8e;
        --s3: #c99be6; --s4: #e0b450; --s5: #aab4be; --s6: #f08ab8; } }
      body { margin: 2rem auto; padding: 0 1rem; max-width: 60rem; color: var(--ink);
        background: var(--paper); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
      h1 { line-height: 1.2; } div.wide { overflow-x: auto; }
      table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
      caption { text-align: left; padding: .5rem 0; color: var(--ink); }
      th, td { padding: .2rem .7rem; border-bottom: 1px solid var(--line); text-align: right; }
      th:first-child, td:first-child { text-align: left; min-width: 5.5rem; }
      th, td { overflow-wrap: normal; } td { white-space: nowrap; }
      pre { white-space: pre-wrap; font-size: .8rem; max-height: 30rem; overflow: auto; }
      dt { font-weight: bold; } dd { margin: 0 0 .4rem 1rem; }
      figure { margin: 1rem 0; break-inside: avoid; }
      svg { display: block; width: 100%; max-width: 42rem; height: auto; font-size: 11px; }
      @media (min-width: 40rem) { svg { font-size: 8px; } }
      svg text { fill: var(--ink); } svg .group { font-weight: bold; }
      svg .axis { stroke: var(--faint); } svg .grid { stroke: var(--line); stroke-width: .6; }
      svg .bar { stroke: var(--ink); stroke-width: .9; }
      svg .series { fill: none; stroke-width: 1.6; }
      svg .hollow { fill: var(--paper); stroke-width: 1.4; }
      svg path.d1 { stroke-dasharray: 6 3; } svg path.d2 { stroke-dasharray: 2 2; }
      svg path.d3 { stroke-dasharray: 8 3 2 3; } svg path.d4 { stroke-dasharray: 12 4; }
      @media print { body { margin: 0; max-width: none; font-size: 10pt; }
        div.wide { overflow: visible; } svg { max-width: 14cm; font-size: 8px; }
        details { display: none; } * { print-color-adjust: exact; } }
      """;

  private static final Pattern ILLEGAL =
      Pattern.compile("[^\\t\\n\\r\\x20-\\uD7FF\\uE000-\\uFFFD\\x{10000}-\\x{10FFFF}]");

  private final Markup html = new Markup();
  private int charts;

  private HtmlWriter() {}

  /**
   * The page.
   *
   * @param data what it shows, for programs; it stands at the end
   */
  public static String page(Report report, ObjectNode data) {
    HtmlWriter writer = new HtmlWriter();
    writer.head(report.title());
    report.blocks().forEach(writer::block);
    writer.html.open("details").element("summary", "All of it as JSON");
    writer.html.element("pre", legal(data.toPrettyString()), "id", "data").close();
    writer.html.close().close().close();
    return writer.html + "\n";
  }

  /** JSON without the few characters that no page may hold. */
  private static String legal(String json) {
    return ILLEGAL
        .matcher(json)
        .replaceAll(
            found -> String.format(Locale.ROOT, "\\\\u%04x", (int) found.group().charAt(0)));
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
    } else if (block instanceof Report.Appendix appendix) {
      appendix(appendix);
    } else if (block instanceof Chart chart) {
      SvgChart.write(chart, charts++, html);
    }
  }

  /** Its values may be long, and wrap. */
  private void appendix(Report.Appendix appendix) {
    html.element("h2", appendix.title()).open("dl");
    for (List<String> row : appendix.table().rows()) {
      html.element("dt", row.get(0)).element("dd", String.join(", ", row.subList(1, row.size())));
    }
    html.close();
  }

  private void table(Table table) {
    // What scrolls must be reached by keyboard.
    html.open(
        "div", "class", "wide", "tabindex", 0, "role", "region", "aria-label", table.caption());
    html.open("table").element("caption", table.caption());
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
