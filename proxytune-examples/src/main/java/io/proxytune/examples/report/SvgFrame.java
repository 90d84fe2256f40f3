package io.proxytune.examples.report;

/** The geometry of a chart in SVG units, with its axes, grid and legend. */
final class SvgFrame {
  static final int COLOURS = 7;

  private static final double WIDTH = 720;
  private static final double LEFT = 56;
  private static final double RIGHT = 16;
  private static final double TOP = 16;
  private static final double PLOT = 240;
  private static final double AXIS = 52;
  private static final double LEGEND = 20;
  private static final int TICKS = 5;

  private final Chart chart;

  SvgFrame(Chart chart) {
    this.chart = chart;
  }

  double width() {
    return WIDTH;
  }

  double height() {
    return bottom() + AXIS + LEGEND * chart.series().size();
  }

  double bottom() {
    return TOP + PLOT;
  }

  /** The width of a point's share of the x axis. */
  double step() {
    return (WIDTH - LEFT - RIGHT) / chart.points().size();
  }

  double x(int point) {
    return LEFT + (point + 0.5) * step();
  }

  double y(double value) {
    return TOP + (1 - chart.range().place(value)) * PLOT;
  }

  void write(Markup svg) {
    for (int tick = 0; tick <= TICKS; tick++) {
      double value = chart.range().at((double) tick / TICKS);
      svg.leaf(
          "line", "class", "grid", "x1", LEFT, "x2", WIDTH - RIGHT, "y1", y(value), "y2", y(value));
      svg.element(
          "text", Figures.number(value, 2), "x", LEFT - 8, "y", y(value) + 4, "text-anchor", "end");
    }
    svg.leaf(
        "line", "class", "axis", "x1", LEFT, "x2", WIDTH - RIGHT, "y1", bottom(), "y2", bottom());
    for (int i = 0; i < chart.points().size(); i++) {
      centred(svg, chart.points().get(i), x(i), bottom() + 18);
    }
    centred(svg, chart.xLabel(), (LEFT + WIDTH - RIGHT) / 2, bottom() + 38);
    double middle = TOP + PLOT / 2;
    String turn = "rotate(-90 12 " + Math.round(middle) + ")";
    svg.element(
        "text", chart.yLabel(), "x", 12.0, "y", middle, "text-anchor", "middle", "transform", turn);
    legend(svg);
  }

  private static void centred(Markup svg, String text, double x, double y) {
    svg.element("text", text, "x", x, "y", y, "text-anchor", "middle");
  }

  private void legend(Markup svg) {
    for (int i = 0; i < chart.series().size(); i++) {
      double y = bottom() + AXIS + LEGEND * i;
      SvgMark.write(svg, i, LEFT + 8, y);
      svg.element("text", chart.series().get(i).name(), "x", LEFT + 24, "y", y + 4);
    }
  }
}
