package io.proxytune.examples.trace;

import com.fasterxml.jackson.databind.JsonNode;
import io.proxytune.examples.report.Visible;
import java.util.ArrayList;
import java.util.List;

/**
 * One token of a page: immutable.
 *
 * @param index its place in its text, from 0
 * @param id the token id
 * @param token how the vocabulary spells it
 * @param text the text that it completed; empty for special tokens and parts of characters
 * @param steered whether the base alone would have put another token first
 * @param shift p(fused) − p(base)
 * @param fused its probability under the fused distribution
 * @param base its probability under the base
 * @param baseRank how many tokens the base puts before it
 * @param baseChoice how the vocabulary spells the base's likeliest token
 */
record TracedToken(
    int index,
    int id,
    String token,
    String text,
    boolean steered,
    double shift,
    double fused,
    double base,
    int baseRank,
    String baseChoice) {
  /** The tokens of a trace, as {@link TraceJson} makes them. */
  static List<TracedToken> of(JsonNode trace) {
    List<TracedToken> tokens = new ArrayList<>();
    trace.forEach(token -> tokens.add(ofOne(token)));
    return List.copyOf(tokens);
  }

  private static TracedToken ofOne(JsonNode json) {
    return new TracedToken(
        json.path("index").asInt(),
        json.path("id").asInt(),
        spelled(json.path("token"), json.path("id")),
        json.path("text").asText(),
        json.path("steered").asBoolean(),
        json.path("shift").asDouble(),
        probability(json.at("/fused/logprob")),
        probability(json.at("/base/logprob")),
        json.at("/base/rank").asInt(),
        spelled(json.at("/base/choice_token"), json.at("/base/choice")));
  }

  /** A token by its spelling, or by its id where it has none. */
  static String spelled(JsonNode token, JsonNode id) {
    return token.isTextual() ? token.textValue() : "id " + id.asInt();
  }

  /** Of a log-probability; null is −∞. */
  static double probability(JsonNode logprob) {
    return logprob.isNumber() ? Math.exp(logprob.doubleValue()) : 0;
  }

  /** What a page shows in its place. */
  String shown() {
    return text.isEmpty() ? "\u27e8" + Visible.of(token) + "\u27e9" : Visible.of(text);
  }
}
