package io.proxytune.examples.report;

/** Draws a chart as SVG inside a page. */
final class SvgChart {
  /** Draws the inside of a chart. */
  interface Drawing {
    double height();

    void write(Markup svg);
  }

  private SvgChart() {}

  /**
   * Writes a figure.
   *
   * @param number tells the charts of a page apart
   */
  static void write(Chart chart, int number, Markup html) {
    Drawing drawing = chart.kind() == Chart.Kind.LINES ? new SvgLines(chart) : new SvgBars(chart);
    String box = "0 0 " + Math.round(SvgFrame.WIDTH) + " " + Math.round(drawing.height());
    String title = "chart-" + number;
    String described = title + "-text";
    html.open("figure").element("figcaption", chart.title());
    html.open(
        "svg",
        "xmlns",
        "http://www.w3.org/2000/svg",
        "viewBox",
        box,
        "role",
        "img",
        "aria-labelledby",
        title,
        "aria-describedby",
        described);
    html.element("title", chart.title(), "id", title);
    html.element("desc", chart.spoken(), "id", described);
    drawing.write(html);
    html.close().close();
  }

  /** Begins a value, which says itself where a pointer rests on it. */
  static void open(Markup svg, Chart chart, Series series, int point) {
    svg.open("g");
    svg.element(
        "title",
        series.name()
            + ", "
            + chart.axis().points().get(point)
            + ": "
            + Figures.number(series.values().get(point), 3));
  }
}
