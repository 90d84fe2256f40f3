package io.proxytune.examples.report;

/**
 * The shape of a series' points, so that colour is not all that tells series apart: four shapes,
 * filled, then hollow.
 */
final class SvgMark {
  private static final double SIZE = 3.5;
  private static final int SHAPES = 4;

  private SvgMark() {}

  static void write(Markup svg, int series, double x, double y) {
    int colour = series % SvgFrame.COLOURS;
    String fill = series / SHAPES % 2 == 0 ? "f" + colour : "hollow s" + colour;
    switch (series % SHAPES) {
      case 0 -> svg.leaf("circle", "class", fill, "cx", x, "cy", y, "r", SIZE);
      case 1 ->
          svg.leaf(
              "rect", "class", fill, "x", x - SIZE, "y", y - SIZE, "width", 2 * SIZE, "height",
              2 * SIZE);
      case 2 -> polygon(svg, fill, x, y - SIZE - 1, x + SIZE + 1, y + SIZE, x - SIZE - 1, y + SIZE);
      default ->
          polygon(svg, fill, x, y - SIZE - 1, x + SIZE + 1, y, x, y + SIZE + 1, x - SIZE - 1, y);
    }
  }

  private static void polygon(Markup svg, String fill, double... coordinates) {
    StringBuilder points = new StringBuilder();
    for (double coordinate : coordinates) {
      points.append(points.length() == 0 ? "" : " ").append(Figures.number(coordinate, 1));
    }
    svg.leaf("polygon", "class", fill, "points", points);
  }
}
