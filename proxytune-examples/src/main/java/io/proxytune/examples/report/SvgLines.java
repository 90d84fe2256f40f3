package io.proxytune.examples.report;

/**
 * A line a series, points to scale where they are numbers; each has a dash and a mark of its own.
 */
final class SvgLines implements SvgChart.Drawing {
  private static final double LEFT = 44;
  private static final double PLOT = 180;
  private static final double AXIS = 46;
  private static final int TICKS = 5;

  /** So far marks stay from the ends, and so far the intervals of series stand apart. */
  private static final double INSET = 10;

  private static final double APART = 2.5;

  private final Chart chart;

  SvgLines(Chart chart) {
    this.chart = chart;
  }

  @Override
  public double height() {
    return bottom() + AXIS + SvgFrame.LINE * chart.series().size();
  }

  private static double bottom() {
    return SvgFrame.TOP + PLOT;
  }

  private double x(int point) {
    double width = SvgFrame.WIDTH - LEFT - SvgFrame.RIGHT - 2 * INSET;
    return LEFT + INSET + chart.axis().place(point) * width;
  }

  private double y(double value) {
    return SvgFrame.TOP + (1 - chart.range().place(value)) * PLOT;
  }

  @Override
  public void write(Markup svg) {
    double right = SvgFrame.WIDTH - SvgFrame.RIGHT;
    for (int tick = 0; tick <= TICKS; tick++) {
      double value = chart.range().at((double) tick / TICKS);
      SvgFrame.line(svg, "grid", LEFT, y(value), right, y(value));
      SvgFrame.text(svg, Figures.number(value, 2), "end", LEFT - 5, y(value) + 4);
    }
    SvgFrame.line(svg, "axis", LEFT, bottom(), right, bottom());
    points(svg);
    SvgFrame.text(svg, chart.axis().label(), "middle", (LEFT + right) / 2, bottom() + 32);
    yLabel(svg);
    for (int i = 0; i < chart.series().size(); i++) {
      series(svg, i, chart.series().get(i));
      legend(svg, i, chart.series().get(i));
    }
  }

  /** Labels that would run into each other are left out, those at the ends last. */
  private void points(Markup svg) {
    int last = chart.axis().size() - 1;
    double free = Double.NEGATIVE_INFINITY;
    double end = x(last) - SvgFrame.textWidth(chart.axis().points().get(last)) / 2;
    for (int i = 0; i <= last; i++) {
      String text = chart.axis().points().get(i);
      double half = SvgFrame.textWidth(text) / 2;
      SvgFrame.line(svg, "axis", x(i), bottom(), x(i), bottom() + 4);
      if (i == last || (x(i) - half > free && (i == 0 || x(i) + half + 4 < end))) {
        SvgFrame.text(svg, text, "middle", x(i), bottom() + 16);
        free = x(i) + half + 4;
      }
    }
  }

  private void yLabel(Markup svg) {
    double middle = SvgFrame.TOP + PLOT / 2;
    String turn = "rotate(-90 10 " + Math.round(middle) + ")";
    svg.element(
        "text", chart.yLabel(), "x", 10.0, "y", middle, "text-anchor", "middle", "transform", turn);
  }

  private void series(Markup svg, int index, Series series) {
    path(svg, index, series);
    for (int point = 0; point < series.values().size(); point++) {
      double value = series.values().get(point);
      if (!Double.isNaN(value)) {
        SvgChart.open(svg, chart, series, point);
        interval(svg, index, series, point);
        SvgMark.write(svg, index, x(point), y(value));
        svg.close();
      }
    }
  }

  /** A point without a value breaks the line. */
  private void path(Markup svg, int index, Series series) {
    StringBuilder path = new StringBuilder();
    boolean drawing = false;
    for (int point = 0; point < series.values().size(); point++) {
      double value = series.values().get(point);
      if (!Double.isNaN(value)) {
        path.append(drawing ? " L" : " M");
        path.append(Figures.number(x(point), 1)).append(' ');
        path.append(Figures.number(y(value), 1));
      }
      drawing = !Double.isNaN(value);
    }
    if (path.length() > 0) {
      String style = "series " + SvgFrame.stroke(index);
      svg.leaf("path", "class", style, "d", path.toString().strip());
    }
  }

  private void interval(Markup svg, int index, Series series, int point) {
    if (!series.low().isEmpty()) {
      double x = x(point) + APART * (index - (chart.series().size() - 1) / 2.0);
      double low = y(series.low().get(point));
      double high = y(series.high().get(point));
      SvgFrame.line(svg, "bar", x, low, x, high);
    }
  }

  private void legend(Markup svg, int index, Series series) {
    double y = bottom() + AXIS + SvgFrame.LINE * index;
    String style = "series " + SvgFrame.stroke(index);
    String path = "M" + Math.round(LEFT) + " " + Math.round(y) + " h36";
    svg.leaf("path", "class", style, "d", path);
    SvgMark.write(svg, index, LEFT + 18, y);
    double room = SvgFrame.WIDTH - LEFT - 44;
    SvgFrame.text(svg, SvgFrame.cut(series.name(), room), "start", LEFT + 42, y + 4);
  }
}
