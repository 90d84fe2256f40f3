package io.proxytune.examples.trace;

import static io.proxytune.examples.report.Figures.number;

import io.proxytune.examples.report.Markup;
import io.proxytune.examples.report.Visible;

/** The part of a page about one text. For one thread. */
final class TextPart {
  /** Where a deeper colour begins; each is a class of the style sheet, from 1. */
  private static final double[] LEVELS = {0.1, 0.3, 0.6};

  private final Markup html;
  private final SteeredText text;

  TextPart(Markup html, SteeredText text) {
    this.html = html;
    this.text = text;
  }

  void write() {
    String id = "text-" + text.number();
    html.open("section", "aria-labelledby", id).element("h2", text.title(), "id", id);
    html.element("h3", "Prompt of the base");
    html.element("p", Visible.of(text.prompt()), "class", "said");
    html.open("div", "class", "answers");
    html.open("article").element("h3", "Steered").open("p", "class", "said marked");
    text.tokens().forEach(this::token);
    html.close().element("p", ending("steered"), "class", "note").close();
    html.open("article").element("h3", "The base alone");
    html.element("p", Visible.of(text.unsteered()), "class", "said");
    html.element("p", ending("unsteered"), "class", "note").close().close();
    ShiftChart.write(html, text);
    table();
    html.close();
  }

  private String ending(String side) {
    long tokens = text.json().path(side).path("token_ids").size();
    String reason = text.json().path(side).path("finish_reason").asText().replace('_', ' ');
    String steered =
        side.equals("steered")
            ? ", steered " + FiguresPart.share(text.steeredTokens(), text.tokens().size())
            : "";
    return FiguresPart.counted(tokens, "token") + steered + "; ended by " + reason;
  }

  private void token(TracedToken token) {
    String id = "t" + text.number() + "-" + token.index();
    String odd = token.text().isEmpty() ? " odd" : "";
    if (token.steered()) {
      html.element(
          "span",
          token.shown(),
          "class",
          "t steered " + level(token.shift()) + odd,
          "tabindex",
          "0",
          "role",
          "note",
          "aria-roledescription",
          "steered",
          "aria-describedby",
          id);
    } else {
      html.element("span", token.shown(), "class", "t" + odd);
    }
    html.element("span", hint(token), "class", "hint", "id", id, "role", "tooltip");
  }

  /** The class of a steered token's colour: {@code up1} to {@code up4}, or {@code down1}. */
  static String level(double shift) {
    int level = 1;
    for (double from : LEVELS) {
      level += Math.abs(shift) >= from ? 1 : 0;
    }
    return (shift < 0 ? "down" : "up") + level;
  }

  private static String hint(TracedToken token) {
    String choice = token.steered() ? "the base alone: " : "the base alone puts first: ";
    return choice
        + Visible.of(token.baseChoice())
        + "; \u0394 "
        + signed(token.shift())
        + ", fused "
        + percent(token.fused())
        + ", base "
        + percent(token.base())
        + " at rank "
        + token.baseRank();
  }

  private static String signed(double shift) {
    String size = number(Math.abs(shift), 3);
    return size.equals("0.000") ? size : (shift < 0 ? "\u2212" : "+") + size;
  }

  private static String percent(double probability) {
    return number(100 * probability, 1) + " %";
  }

  private void table() {
    html.open("details").element("summary", "All tokens of " + text.title() + " as a table");
    PageTable table =
        new PageTable(
            html,
            "Tokens of " + text.title(),
            "place",
            "token",
            "steered",
            "the base puts first",
            "\u0394",
            "p fused",
            "p base",
            "rank in base, from 0");
    for (TracedToken token : text.tokens()) {
      table.row(
          Integer.toString(token.index() + 1),
          Visible.of(token.token()),
          token.steered() ? "yes" : "",
          Visible.of(token.baseChoice()),
          signed(token.shift()),
          number(token.fused(), 3),
          number(token.base(), 3),
          Integer.toString(token.baseRank()));
    }
    table.end();
    html.close();
  }
}
