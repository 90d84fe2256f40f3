package io.proxytune.examples.trace;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.core.files.JsonOutput;
import io.proxytune.examples.report.Figures;
import io.proxytune.examples.report.Markup;
import io.proxytune.examples.report.Visible;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * One HTML page about steered texts that needs no network and no script, and holds what it shows as
 * JSON. For one thread.
 */
final class SteeringPage {
  private static final String TITLE = "What steering changed";

  private final Markup html = new Markup();
  private final JsonNode document;
  private final List<SteeredText> texts = new ArrayList<>();

  private SteeringPage(JsonNode document) {
    this.document = document;
    document.path("items").forEach(item -> texts.add(SteeredText.of(texts.size() + 1, item)));
  }

  /**
   * The page.
   *
   * @param document version, date, command, options, models and items, as {@link PageData} makes it
   * @param classes the user's classes of tokens
   */
  static String of(ObjectNode document, TokenClasses classes) {
    SteeringPage page = new SteeringPage(document);
    page.head();
    page.html.open("body");
    page.header(classes);
    page.html.open("main");
    new FiguresPart(page.texts).write(page.html);
    page.legend();
    page.texts.forEach(text -> new TextPart(page.html, text).write());
    TokensPart tokens = new TokensPart(page.html, page.texts);
    tokens.moved();
    tokens.classes(classes);
    page.about();
    page.html.close();
    page.items();
    page.html.close().close();
    return page.html + "\n";
  }

  private void head() {
    html.documentType("<!DOCTYPE html>").open("html", "lang", "en").open("head");
    html.leaf("meta", "charset", "utf-8");
    html.leaf("meta", "name", "viewport", "content", "width=device-width, initial-scale=1");
    html.leaf("meta", "name", "color-scheme", "content", "light dark");
    html.leaf(
        "meta",
        "http-equiv",
        "Content-Security-Policy",
        "content",
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:");
    html.leaf("link", "rel", "icon", "href", "data:,");
    html.element("title", TITLE + " \u2013 ProxyTune").element("style", style()).close();
  }

  private static String style() {
    try (InputStream in = SteeringPage.class.getResourceAsStream("page.css")) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void header(TokenClasses classes) {
    html.open("header").element("h1", TITLE).element("p", models());
    html.open("nav", "aria-label", "Contents").open("ul");
    link("figures", "In figures");
    texts.forEach(text -> link("text-" + text.number(), text.title()));
    link("moved", "Raised and lowered");
    if (!classes.names().isEmpty()) {
      link("classes", "By class");
    }
    link("about", "About this page");
    html.close().close().close();
  }

  private void link(String id, String name) {
    html.open("li").element("a", name, "href", "#" + id).close();
  }

  private String models() {
    if (!document.path("proxy_tuning").asBoolean()) {
      return document
              .path("models")
              .valueStream()
              .map(model -> Visible.of(model.path("name").asText()))
              .distinct()
              .collect(Collectors.joining(", "))
          + ", fused as the command says";
    }
    List<String> pairs = new ArrayList<>();
    String base = "";
    String expert = "";
    for (JsonNode model : document.path("models")) {
      String name = Visible.of(model.path("name").asText());
      switch (model.path("role").asText()) {
        case "base" -> base = name;
        case "expert" -> expert = name;
        default ->
            pairs.add(
                "%s \u00b7 (%s \u2212 %s)"
                    .formatted(Figures.parameter(model.path("alpha").asDouble()), expert, name));
      }
    }
    return base + " + " + String.join(" + ", pairs);
  }

  /** What colours and lines mean, in words and by example. */
  private void legend() {
    html.open("section", "aria-labelledby", "legend")
        .element("h2", "How to read the texts", "id", "legend");
    html.element(
        "p",
        "Steered tokens are underlined. Point at one, or go to it with the Tab key, to see what the"
            + " base alone would have said there. The deeper the colour, the more steering changed"
            + " the token's probability. Signs such as \u21b5 and \u27e8U+202E\u27e9 stand for what"
            + " can't be seen, and a frame for a token that completed no text.");
    html.open("ul", "class", "legend");
    String[] names = {"less than 0.1", "0.1 to 0.3", "0.3 to 0.6", "0.6 or more"};
    for (String way : List.of("up", "down")) {
      for (int level = 1; level <= names.length; level++) {
        String sign = way.equals("up") ? "likelier by " : "less likely by ";
        html.open("li");
        html.element("span", sign + names[level - 1], "class", "t steered " + way + level).close();
      }
    }
    html.close().close();
  }

  private void about() {
    html.open("section", "aria-labelledby", "about")
        .element("h2", "About this page", "id", "about");
    html.open("dl");
    fact("Program", "ProxyTune " + document.path("version").asText());
    fact("Date", document.path("date").asText());
    fact("Command", document.path("command").asText());
    fact("Options", document.path("options").asText());
    html.close();
    PageTable table =
        new PageTable(
            html, "Files of the models", "role", "model", "file", "bytes", "SHA-256", "SHA-256 of");
    for (JsonNode model : document.path("models")) {
      model.path("files").forEach(file -> file(table, model, file));
    }
    table.end();
    html.element(
        "p",
        "All that is shown here, and each token's trace, is in this page as JSON, in the element"
            + " with the id \u201citems\u201d. In Python:");
    html.element(
        "pre",
        """
        import json, re
        page = open("page.html", encoding="utf-8").read()
        data = json.loads(re.search(r'id="items">(.*?)</script>', page, re.S)[1])
        """);
    html.close();
  }

  private static void file(PageTable table, JsonNode model, JsonNode file) {
    String pair = model.path("pair").asInt() > 0 ? " " + model.path("pair").asInt() : "";
    table.row(
        model.path("role").asText() + pair,
        Visible.of(model.path("name").asText()),
        Visible.of(file.path("name").asText()),
        file.path("bytes").asText(),
        file.path("sha256").asText(),
        file.path("of").asText());
  }

  private void fact(String name, String value) {
    html.element("dt", name).open("dd").element("code", Visible.of(value)).close();
  }

  /** No character that a page would take for markup is left in it. */
  private void items() {
    String json =
        JsonOutput.ascii(document)
            .codePoints()
            .mapToObj(
                c ->
                    c == '<' || c == '>' || c == '&'
                        ? "\\u00%02x".formatted(c)
                        : Character.toString(c))
            .collect(Collectors.joining());
    html.element("script", json, "type", "application/json", "id", "items");
  }
}
