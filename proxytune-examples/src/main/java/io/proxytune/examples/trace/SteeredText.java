package io.proxytune.examples.trace;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/**
 * A text of a page with what the base alone wrote in its place: immutable.
 *
 * @param number its place on the page, from 1
 * @param json the item as the page holds it
 * @param tokens the steered text's
 */
record SteeredText(int number, JsonNode json, List<TracedToken> tokens) {
  static SteeredText of(int number, JsonNode item) {
    return new SteeredText(number, item, TracedToken.of(item.at("/steered/trace")));
  }

  /** Such as {@code Text 2 (line 7)}. */
  String title() {
    String line = json.has("line") ? " (line " + json.path("line").asText() + ")" : "";
    return "Text " + number + line;
  }

  String prompt() {
    return json.path("prompt").asText();
  }

  String unsteered() {
    return json.at("/unsteered/text").asText();
  }

  long steeredTokens() {
    return tokens.stream().filter(TracedToken::steered).count();
  }
}
