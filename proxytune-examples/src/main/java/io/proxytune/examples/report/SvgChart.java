package io.proxytune.examples.report;

/** Draws a chart as SVG inside a page. */
final class SvgChart {
  /** The share of a point's width that its bars fill. */
  private static final double FILLED = 0.8;

  private final Chart chart;
  private final SvgFrame frame;
  private final Markup svg;

  private SvgChart(Chart chart, Markup svg) {
    this.chart = chart;
    this.frame = new SvgFrame(chart);
    this.svg = svg;
  }

  static void write(Chart chart, Markup html) {
    SvgChart drawing = new SvgChart(chart, html);
    String box =
        "0 0 " + Math.round(drawing.frame.width()) + " " + Math.round(drawing.frame.height());
    html.open("figure").element("figcaption", chart.title());
    html.open("svg", "xmlns", "http://www.w3.org/2000/svg", "viewBox", box, "role", "img");
    html.element("title", chart.title()).element("desc", chart.description());
    drawing.frame.write(html);
    for (int i = 0; i < chart.series().size(); i++) {
      drawing.series(i, chart.series().get(i));
    }
    html.close().close();
  }

  private void series(int index, Series series) {
    if (chart.kind() == Chart.Kind.LINES) {
      line(index, series);
    }
    for (int point = 0; point < series.values().size(); point++) {
      double value = series.values().get(point);
      if (!Double.isNaN(value)) {
        value(index, series, point, value);
      }
    }
  }

  /** A point without a value breaks the line. */
  private void line(int index, Series series) {
    StringBuilder path = new StringBuilder();
    boolean drawing = false;
    for (int point = 0; point < series.values().size(); point++) {
      double value = series.values().get(point);
      if (!Double.isNaN(value)) {
        path.append(drawing ? " L" : " M");
        path.append(Figures.number(frame.x(point), 1)).append(' ');
        path.append(Figures.number(frame.y(value), 1));
      }
      drawing = !Double.isNaN(value);
    }
    if (path.length() > 0) {
      svg.leaf(
          "path", "class", "series s" + index % SvgFrame.COLOURS, "d", path.toString().strip());
    }
  }

  private void value(int index, Series series, int point, double value) {
    boolean bars = chart.kind() == Chart.Kind.BARS;
    double x = bars ? barCentre(index, point) : frame.x(point);
    svg.open("g");
    svg.element(
        "title",
        series.name() + ", " + chart.points().get(point) + ": " + Figures.number(value, 3));
    if (bars) {
      bar(index, x, value);
    } else {
      SvgMark.write(svg, index, x, frame.y(value));
    }
    if (!series.low().isEmpty()) {
      double low = frame.y(series.low().get(point));
      double high = frame.y(series.high().get(point));
      svg.leaf("line", "class", "bar", "x1", x, "x2", x, "y1", low, "y2", high);
    }
    svg.close();
  }

  private double barWidth() {
    return frame.step() * FILLED / chart.series().size();
  }

  private double barCentre(int index, int point) {
    return frame.x(point) + (index - (chart.series().size() - 1) / 2.0) * barWidth();
  }

  private void bar(int index, double x, double value) {
    double from = frame.y(Math.max(0, chart.range().low()));
    double top = Math.min(from, frame.y(value));
    double height = Math.abs(from - frame.y(value));
    String fill = "f" + index % SvgFrame.COLOURS;
    svg.leaf(
        "rect",
        "class",
        fill,
        "x",
        x - barWidth() / 2,
        "y",
        top,
        "width",
        barWidth(),
        "height",
        height);
  }
}
