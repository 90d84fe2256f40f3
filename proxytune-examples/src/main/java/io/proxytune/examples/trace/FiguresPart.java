package io.proxytune.examples.trace;

import static io.proxytune.examples.report.Figures.number;

import com.fasterxml.jackson.databind.JsonNode;
import io.proxytune.examples.report.Markup;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** The part of a page that sums all texts up. */
final class FiguresPart {
  private final List<SteeredText> texts;
  private final List<TracedToken> tokens;

  FiguresPart(List<SteeredText> texts) {
    this.texts = texts;
    this.tokens = texts.stream().flatMap(text -> text.tokens().stream()).toList();
  }

  void write(Markup html) {
    html.open("section", "aria-labelledby", "figures");
    html.element("h2", "In figures", "id", "figures");
    measures(html);
    html.element(
        "p",
        "A token is steered where the base alone, given the same text, would have put another one"
            + " first. The paper counted 13 to 25 % of such tokens on its tasks. \u0394 is by how"
            + " much steering made the token likelier, p(fused) \u2212 p(base). All is computed"
            + " before penalties, temperature and filters.");
    timings(html);
    html.close();
  }

  private void measures(Markup html) {
    PageTable table =
        new PageTable(
            html,
            "All tokens of " + counted(texts.size(), "text") + " together",
            "measure",
            "value");
    means(field -> field.getKey().startsWith("alpha"), alpha -> alpha)
        .forEach((name, mean) -> table.row(alpha(name), number(mean.value(), 3)));
    long steered = tokens.stream().filter(TracedToken::steered).count();
    table.row("steered tokens", share(steered, tokens.size()));
    table.row("mean \u0394", number(meanShift(tokens), 3));
    table.row(
        "mean \u0394 of steered tokens",
        number(meanShift(tokens.stream().filter(TracedToken::steered).toList()), 3));
    table.row("mean KL(fused \u2016 base), nats", divergence());
    means(field -> field.getValue().has("entropy"), view -> view.path("entropy"))
        .forEach((role, mean) -> table.row(name(role), number(mean.value(), 3)));
    table.end();
  }

  static double meanShift(List<TracedToken> tokens) {
    return tokens.stream().mapToDouble(TracedToken::shift).average().orElse(Double.NaN);
  }

  static String share(long part, long whole) {
    return whole == 0
        ? "0 of 0"
        : String.format(Locale.ROOT, "%d of %d (%.1f %%)", part, whole, 100.0 * part / whole);
  }

  static String counted(long count, String what) {
    return count + " " + what + (count == 1 ? "" : "s");
  }

  /** A mean of what is finite. */
  private static final class Mean {
    private double sum;
    private int count;

    void add(JsonNode value) {
      if (value.isNumber()) {
        sum += value.doubleValue();
        count++;
      }
    }

    double value() {
      return count == 0 ? Double.NaN : sum / count;
    }
  }

  private String divergence() {
    Mean mean = new Mean();
    traces().forEach(token -> mean.add(token.path("divergence")));
    int infinite = tokens.size() - mean.count;
    String of = number(mean.value(), 3);
    return infinite == 0 ? of : of + ", without " + counted(infinite, "infinite one");
  }

  /** The means of some fields of all traces, by the fields' names. */
  private Map<String, Mean> means(
      Predicate<Map.Entry<String, JsonNode>> wanted, UnaryOperator<JsonNode> value) {
    Map<String, Mean> means = new LinkedHashMap<>();
    traces().stream()
        .flatMap(token -> token.properties().stream())
        .filter(wanted)
        .forEach(
            field ->
                means
                    .computeIfAbsent(field.getKey(), name -> new Mean())
                    .add(value.apply(field.getValue())));
    return means;
  }

  private static String alpha(String name) {
    return name.replace("alpha_", "mean \u03b1 of pair ").replace("alpha", "mean \u03b1");
  }

  private List<JsonNode> traces() {
    return texts.stream().flatMap(text -> text.json().at("/steered/trace").valueStream()).toList();
  }

  private static String name(String role) {
    return "mean entropy, "
        + role.replace("anti_expert", "anti-expert").replace('_', ' ')
        + ", nats";
  }

  private void timings(Markup html) {
    html.element(
        "p",
        "Each request was timed once: the steered ones with traces and log-probabilities, which"
            + " take time too.");
    PageTable table =
        new PageTable(
            html,
            "Timings of these requests",
            "system",
            "tokens",
            "first token, mean",
            "tokens a second, all");
    for (String side : List.of("steered", "unsteered")) {
      Mean first = new Mean();
      Mean tokensEach = new Mean();
      Mean seconds = new Mean();
      for (SteeredText text : texts) {
        JsonNode stats = text.json().path(side).path("stats");
        first.add(stats.path("time_to_first_token_seconds"));
        tokensEach.add(stats.path("generated_tokens"));
        seconds.add(stats.path("decode_seconds"));
      }
      table.row(
          side.equals("steered") ? "steered" : "base alone",
          number(tokensEach.sum, 0),
          number(first.value(), 3) + " s",
          seconds.sum > 0 ? number(tokensEach.sum / seconds.sum, 1) : "-");
    }
    table.end();
  }
}
