package io.proxytune.examples;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.Choice;
import io.proxytune.Generation;
import io.proxytune.GenerationStats;
import io.proxytune.Score;
import io.proxytune.Token;
import io.proxytune.TokenLogprobs;
import io.proxytune.Tokenizer;
import io.proxytune.examples.cli.Terminal;
import io.proxytune.examples.trace.TraceJson;
import java.time.Duration;
import java.util.List;

/** Results as JSON for programs. */
final class JsonReport {
  /** The field with the traces of a text's tokens. */
  static final String TRACE = "trace";

  /** The field with their log-probabilities. */
  static final String LOGPROBS = "logprobs";

  /** The field with what the base read. */
  static final String PROMPT_IDS = "prompt_token_ids";

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private JsonReport() {}

  /** Prints one object on one line. */
  static void print(Terminal terminal, ObjectNode object) {
    terminal.out().println(object);
  }

  /** The first text; where there are several, all of them too. */
  static ObjectNode generations(List<Generation> generations, Tokenizer tokenizer) {
    Generation first = generations.get(0);
    ObjectNode json = generation(first, tokenizer);
    json.set(PROMPT_IDS, ids(first.promptTokenIds()));
    if (generations.size() > 1) {
      ArrayNode all = json.putArray("completions");
      generations.forEach(each -> all.add(generation(each, tokenizer)));
    }
    return json;
  }

  private static ObjectNode generation(Generation generation, Tokenizer tokenizer) {
    ObjectNode json = JSON.objectNode();
    json.put("text", generation.text());
    json.set("token_ids", ids(generation.tokenIds()));
    json.put("finish_reason", Names.of(generation.finishReason()));
    generation.stopId().ifPresent(id -> json.put("stop_id", id));
    json.put("seed", generation.seed());
    json.set("stats", stats(generation.stats()));
    if (generation.tokens().stream().anyMatch(token -> token.logprobs() != null)) {
      json.set(LOGPROBS, logprobs(generation.tokens(), tokenizer));
    }
    if (generation.tokens().stream().anyMatch(token -> token.trace() != null)) {
      json.set(TRACE, new TraceJson(tokenizer).of(generation.tokens()));
    }
    return json;
  }

  private static ArrayNode ids(List<Integer> ids) {
    ArrayNode json = JSON.arrayNode();
    ids.forEach(id -> json.add(id));
    return json;
  }

  private static ObjectNode stats(GenerationStats stats) {
    return JSON.objectNode()
        .put("prompt_tokens", stats.promptTokens())
        .put("generated_tokens", stats.generatedTokens())
        .put("prefill_seconds", seconds(stats.prefill()))
        .put("time_to_first_token_seconds", seconds(stats.timeToFirstToken()))
        .put("decode_seconds", seconds(stats.decode()))
        .put("tokens_per_second", stats.tokensPerSecond())
        .put("draft_rounds", stats.draftRounds())
        .put("drafted_tokens", stats.draftedTokens())
        .put("accepted_tokens", stats.acceptedTokens())
        .put("acceptance_rate", stats.acceptanceRate())
        .put("unsteered_tokens", stats.gate().unsteered())
        .put("unasked_tokens", stats.gate().unasked())
        .put("audited_tokens", stats.gate().audited())
        .put("audited_changed", stats.gate().changed())
        .put("audited_divergence", stats.gate().divergence())
        .put("translated_tokens", stats.translation().tokens())
        .put("unmapped_share", stats.translation().unmapped())
        .put("spelled_tokens", stats.translation().spelledTokens())
        .put("reread_tokens", stats.translation().rereadTokens());
  }

  private static double seconds(Duration duration) {
    return duration.toNanos() / 1e9;
  }

  private static ArrayNode logprobs(List<Token> tokens, Tokenizer tokenizer) {
    ArrayNode json = JSON.arrayNode();
    for (Token token : tokens) {
      TokenLogprobs logprobs = token.logprobs();
      if (logprobs != null) {
        json.add(logprobs(token.id(), logprobs, tokenizer));
      }
    }
    return json;
  }

  private static ObjectNode logprobs(int id, TokenLogprobs logprobs, Tokenizer tokenizer) {
    ObjectNode json = token(id, logprobs.logprob(), tokenizer);
    json.set("top", alternatives(logprobs.top(), tokenizer));
    ArrayNode roles = json.putArray("roles");
    for (TokenLogprobs.OfRole role : logprobs.roles()) {
      ObjectNode view = roles.addObject().put("role", Names.of(role.role()));
      putLogprob(view.put("pair", role.pair()), "logprob", role.logprob());
      view.set("top", alternatives(role.top(), tokenizer));
    }
    return json;
  }

  private static ArrayNode alternatives(
      List<TokenLogprobs.Alternative> alternatives, Tokenizer tokenizer) {
    ArrayNode json = JSON.arrayNode();
    alternatives.forEach(each -> json.add(token(each.id(), each.logprob(), tokenizer)));
    return json;
  }

  private static ObjectNode token(int id, double logprob, Tokenizer tokenizer) {
    ObjectNode json = JSON.objectNode().put("id", id);
    json.put("token", tokenizer.token(id).orElse(null));
    return putLogprob(json, "logprob", logprob);
  }

  /** JSON has no infinity: an impossible token's log-probability is null. */
  private static ObjectNode putLogprob(ObjectNode json, String name, double logprob) {
    return Double.isFinite(logprob) ? json.put(name, logprob) : json.putNull(name);
  }

  /** How likely a continuation is. */
  static ObjectNode score(Score score) {
    ObjectNode json = totals(JSON.objectNode(), score);
    ArrayNode tokens = json.putArray("tokens");
    for (Score.TokenScore token : score.tokens()) {
      ObjectNode one = tokens.addObject().put("id", token.id()).put("token", token.token());
      putLogprob(one, "logprob", token.logprob());
    }
    return json;
  }

  /** Which option is the likeliest. */
  static ObjectNode choice(Choice choice, List<String> options) {
    ObjectNode json = JSON.objectNode().put("index", choice.index());
    json.put("option", choice.option());
    ArrayNode scores = json.putArray("scores");
    for (int i = 0; i < options.size(); i++) {
      totals(scores.addObject().put("option", options.get(i)), choice.scores().get(i));
    }
    return json;
  }

  private static ObjectNode totals(ObjectNode json, Score score) {
    return putLogprob(putLogprob(json, "total", score.total()), "per_token", score.perToken());
  }
}
