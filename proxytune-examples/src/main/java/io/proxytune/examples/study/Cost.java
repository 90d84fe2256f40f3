package io.proxytune.examples.study;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.Generation;
import io.proxytune.GenerationStats;

/**
 * What writing texts took, in tokens and not in seconds: immutable.
 *
 * @param tokens how many were written
 * @param unasked for how many no expert was run
 * @param rounds in how many steps drafts were checked
 * @param drafted how many tokens were drafted
 * @param accepted how many of these were kept
 */
record Cost(long tokens, long unasked, long rounds, long drafted, long accepted) {
  static final Cost NONE = new Cost(0, 0, 0, 0, 0);

  Cost plus(Generation text) {
    GenerationStats stats = text.stats();
    return new Cost(
        tokens + stats.generatedTokens(),
        unasked + stats.gate().unasked(),
        rounds + stats.draftRounds(),
        drafted + stats.draftedTokens(),
        accepted + stats.acceptedTokens());
  }

  /** The share of tokens for which no expert was run. */
  double saved() {
    return tokens == 0 ? 0 : (double) unasked / tokens;
  }

  /** Passes of the base for each token: 1 where nothing is drafted, less where drafts are kept. */
  double passesPerToken() {
    return tokens == 0 ? 1 : (double) (tokens - accepted) / tokens;
  }

  ObjectNode json() {
    return JsonNodeFactory.instance
        .objectNode()
        .put("tokens", tokens)
        .put("unasked", unasked)
        .put("rounds", rounds)
        .put("drafted", drafted)
        .put("accepted", accepted);
  }

  static Cost of(JsonNode json) {
    return new Cost(
        json.path("tokens").asLong(),
        json.path("unasked").asLong(),
        json.path("rounds").asLong(),
        json.path("drafted").asLong(),
        json.path("accepted").asLong());
  }
}
