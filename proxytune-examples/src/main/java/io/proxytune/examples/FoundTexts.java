package io.proxytune.examples;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.Generation;
import io.proxytune.RewardedText;
import io.proxytune.Token;
import io.proxytune.Tokenizer;
import java.util.List;
import java.util.Locale;

/** What a search found, the best text first. */
final class FoundTexts {
  private final List<RewardedText> found;
  private final List<Generation> generations;

  /**
   * Takes what was found.
   *
   * @param logprobs whether log-probabilities were asked for; a search has them anyway
   */
  FoundTexts(List<RewardedText> found, boolean logprobs) {
    this.found = found;
    this.generations =
        found.stream()
            .map(RewardedText::generation)
            .map(text -> logprobs ? text : withoutLogprobs(text))
            .toList();
  }

  private static Generation withoutLogprobs(Generation text) {
    List<Token> tokens =
        text.tokens().stream()
            .map(token -> new Token(token.id(), token.text(), token.index(), null, token.trace()))
            .toList();
    return new Generation(
        text.text(),
        text.tokenIds(),
        text.finishReason(),
        text.promptTokenIds(),
        text.seed(),
        tokens,
        text.stats());
  }

  List<Generation> generations() {
    return generations;
  }

  /** Texts as without a search, each with its reward. */
  ObjectNode json(Tokenizer tokenizer) {
    ObjectNode json = JsonReport.generations(generations, tokenizer);
    put(json, 0);
    JsonNode all = json.path("completions");
    for (int i = 0; i < all.size(); i++) {
      put((ObjectNode) all.get(i), i);
    }
    return json;
  }

  /** JSON has no infinity. */
  private void put(ObjectNode json, int index) {
    double reward = found.get(index).reward();
    if (Double.isFinite(reward)) {
      json.put("reward", reward);
    } else {
      json.putNull("reward");
    }
  }

  /** The best reward and the least. */
  String summary() {
    double best = found.get(0).reward();
    double least = found.get(found.size() - 1).reward();
    return String.format(
        Locale.ROOT, "reward %.4f, the best of %d down to %.4f", best, found.size(), least);
  }
}
