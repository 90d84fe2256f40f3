package io.proxytune.examples.trace;

import io.proxytune.examples.report.Figures;
import io.proxytune.examples.report.Markup;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * \u0394 along a text, a bar a token, at any width of the screen: words stand outside the drawing.
 */
final class ShiftChart {
  private static final double MIDDLE = 100;
  private static final double HEIGHT = 200;
  private static final double MARK = 8;

  private ShiftChart() {}

  static void write(Markup html, SteeredText text) {
    List<TracedToken> tokens = text.tokens();
    html.open("figure");
    html.element(
        "figcaption",
        "\u0394 along "
            + text.title().toLowerCase(Locale.ROOT)
            + ": a bar a token,"
            + " steered tokens filled and marked at the foot");
    html.open("div", "class", "chart");
    for (String label : List.of("+1", "0", "\u22121")) {
      html.element("span", label, "class", "y", "aria-hidden", "true");
    }
    drawing(html, tokens);
    html.close();
    html.open("div", "class", "x", "aria-hidden", "true").element("span", "first token");
    html.element("span", "token " + tokens.size()).close().close();
  }

  private static void drawing(Markup html, List<TracedToken> tokens) {
    int width = Math.max(1, tokens.size());
    String box = "0 0 " + width + " " + Math.round(HEIGHT + MARK);
    Object[] attributes = {
      "xmlns",
      "http://www.w3.org/2000/svg",
      "viewBox",
      box,
      "preserveAspectRatio",
      "none",
      "role",
      "img",
      "aria-label",
      described(tokens)
    };
    html.open("svg", attributes);
    html.leaf("line", "class", "zero", "x1", 0, "x2", width, "y1", MIDDLE, "y2", MIDDLE);
    for (int i = 0; i < tokens.size(); i++) {
      bar(html, i, tokens.get(i));
    }
    html.close();
  }

  private static void bar(Markup html, int place, TracedToken token) {
    double y = MIDDLE * (1 - Math.max(0, token.shift()));
    String height = Figures.number(Math.max(1, MIDDLE * Math.abs(token.shift())), 1);
    html.leaf(
        "rect",
        "class",
        token.steered() ? "steered" : "plain",
        "x",
        place + 0.1,
        "y",
        y,
        "width",
        0.8,
        "height",
        height);
    if (token.steered()) {
      html.leaf(
          "rect", "class", "steered", "x", place + 0.1, "y", HEIGHT, "width", 0.8, "height", MARK);
    }
  }

  private static String described(List<TracedToken> tokens) {
    if (tokens.isEmpty()) {
      return "no tokens";
    }
    Comparator<TracedToken> byShift = Comparator.comparingDouble(TracedToken::shift);
    TracedToken most = tokens.stream().max(byShift).orElseThrow();
    TracedToken least = tokens.stream().min(byShift).orElseThrow();
    return "\u0394 of %s: mean %s, most %s at token %d, %s, least %s at token %d, %s"
        .formatted(
            FiguresPart.counted(tokens.size(), "token"),
            Figures.number(FiguresPart.meanShift(tokens), 3),
            Figures.number(most.shift(), 3),
            most.index() + 1,
            most.shown(),
            Figures.number(least.shift(), 3),
            least.index() + 1,
            least.shown());
  }
}
