package io.proxytune.examples.trace;

import io.proxytune.examples.report.Figures;
import io.proxytune.examples.report.Markup;
import io.proxytune.examples.report.Visible;
import java.util.List;

/** The parts of a page about tokens of all texts: which are moved, and the classes of a user. */
final class TokensPart {
  private static final int MOST = 10;

  private final Markup html;
  private final List<SteeredText> texts;

  TokensPart(Markup html, List<SteeredText> texts) {
    this.html = html;
    this.texts = texts;
  }

  void moved() {
    MovedTokens moved = new MovedTokens();
    texts.forEach(text -> moved.add(text.json().at("/steered/logprobs")));
    html.open("section", "aria-labelledby", "moved");
    html.element("h2", "What steering raises and lowers most", "id", "moved");
    html.element(
        "p",
        "From the likeliest tokens of the fused distribution and of the base at each of the "
            + moved.places()
            + " places of the steered texts: the differences of the two probabilities, summed over"
            + " the places where a token was moved that way. Where it is in one list only, the"
            + " least probability of the other list stands for its own, which is no less: the sums"
            + " are at least as large as they say.");
    html.open("div", "class", "answers");
    movedTable("Raised most", moved.raised(MOST));
    movedTable("Lowered most", moved.lowered(MOST));
    html.close().close();
  }

  private void movedTable(String caption, List<MovedTokens.Moved> tokens) {
    PageTable table = new PageTable(html, caption, "token", "places", "probability, summed");
    for (MovedTokens.Moved token : tokens) {
      table.row(
          Visible.of(token.token()),
          Integer.toString(token.places()),
          Figures.number(token.probability(), 2));
    }
    table.end();
  }

  void classes(TokenClasses classes) {
    if (classes.names().isEmpty()) {
      return;
    }
    html.open("section", "aria-labelledby", "classes");
    html.element("h2", "By class", "id", "classes");
    html.element(
        "p",
        "A token is of a class where one of the class's regular expressions finds a character of"
            + " it. It may be of several classes, and one without text of its own is of none.");
    PageTable table =
        new PageTable(html, "Tokens by class", "class", "tokens", "steered", "mean \u0394");
    for (String name : classes.names()) {
      row(
          table,
          Visible.of(name),
          texts.stream().flatMap(text -> classes.of(name, text.tokens()).stream()).toList());
    }
    row(table, "all tokens", texts.stream().flatMap(text -> text.tokens().stream()).toList());
    table.end();
    html.close();
  }

  private static void row(PageTable table, String name, List<TracedToken> tokens) {
    long steered = tokens.stream().filter(TracedToken::steered).count();
    table.row(
        name,
        Integer.toString(tokens.size()),
        FiguresPart.share(steered, tokens.size()),
        Figures.number(FiguresPart.meanShift(tokens), 3));
  }
}
