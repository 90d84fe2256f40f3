package io.proxytune.examples.report;

import java.util.List;

/** Bars that lie under each other, each with its name and value, so that colour tells nothing. */
final class SvgBars implements SvgChart.Drawing {
  private static final double NAMES = 156;
  private static final double VALUES = 34;
  private static final double BAR = 9;
  private static final double AXIS = 42;
  private static final int TICKS = 4;

  private final Chart chart;

  /** With one series, points are rows; with several, groups of rows. */
  private final boolean grouped;

  SvgBars(Chart chart) {
    this.chart = chart;
    this.grouped = chart.series().size() > 1;
  }

  private double group() {
    int rows = chart.series().size() + (grouped ? 1 : 0);
    return SvgFrame.LINE * rows + (grouped ? 5 : 0);
  }

  private double bottom() {
    return SvgFrame.TOP + group() * chart.axis().size();
  }

  @Override
  public double height() {
    return bottom() + AXIS;
  }

  private double x(double value) {
    double right = SvgFrame.WIDTH - SvgFrame.RIGHT - VALUES;
    return NAMES + chart.range().place(value) * (right - NAMES);
  }

  @Override
  public void write(Markup svg) {
    for (int tick = 0; tick <= TICKS; tick++) {
      double value = chart.range().at((double) tick / TICKS);
      SvgFrame.line(svg, "grid", x(value), SvgFrame.TOP, x(value), bottom());
      SvgFrame.text(svg, Figures.fraction(value), "middle", x(value), bottom() + 14);
    }
    double middle = (x(chart.range().low()) + x(chart.range().high())) / 2;
    SvgFrame.text(svg, chart.yLabel(), "middle", middle, bottom() + 30);
    for (int point = 0; point < chart.axis().size(); point++) {
      group(svg, point);
    }
  }

  private void group(Markup svg, int point) {
    String name = chart.axis().points().get(point);
    double top = SvgFrame.TOP + group() * point;
    if (grouped) {
      svg.element(
          "text", SvgFrame.cut(name, SvgFrame.WIDTH), "class", "group", "x", 4.0, "y", top + 11);
      top += SvgFrame.LINE;
    }
    List<Series> series = chart.series();
    for (int i = 0; i < series.size(); i++) {
      row(svg, i, series.get(i), point, top + SvgFrame.LINE * i);
    }
  }

  private void row(Markup svg, int index, Series series, int point, double top) {
    String name = grouped ? series.name() : chart.axis().points().get(point);
    double middle = top + SvgFrame.LINE / 2;
    SvgFrame.text(svg, SvgFrame.cut(name, NAMES - 10), "end", NAMES - 6, middle + 4);
    double value = series.values().get(point);
    if (!Double.isNaN(value)) {
      SvgChart.open(svg, chart, series, point);
      bar(svg, index, value, middle);
      interval(svg, series, point, middle);
      double right = SvgFrame.WIDTH - SvgFrame.RIGHT;
      SvgFrame.text(svg, Figures.fraction(value), "end", right + 6, middle + 4);
      svg.close();
    }
  }

  private void bar(Markup svg, int index, double value, double middle) {
    double from = x(Math.max(0, chart.range().low()));
    svg.leaf(
        "rect",
        "class",
        "f" + index % SvgFrame.COLOURS,
        "x",
        Math.min(from, x(value)),
        "y",
        middle - BAR / 2,
        "width",
        Math.abs(from - x(value)),
        "height",
        BAR);
  }

  private void interval(Markup svg, Series series, int point, double middle) {
    if (!series.low().isEmpty()) {
      double low = x(series.low().get(point));
      double high = x(series.high().get(point));
      SvgFrame.line(svg, "bar", low, middle, high, middle);
      SvgFrame.line(svg, "bar", low, middle - 3, low, middle + 3);
      SvgFrame.line(svg, "bar", high, middle - 3, high, middle + 3);
    }
  }
}
