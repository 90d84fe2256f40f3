package io.proxytune.examples.trace;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.Role;
import io.proxytune.Token;
import io.proxytune.TokenTrace;
import io.proxytune.TokenTrace.OfRole;
import io.proxytune.TokenTrace.View;
import io.proxytune.Tokenizer;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Traces as JSON: an object a token, with an object a distribution under the name of its role. With
 * several pairs a name ends with the pair's number, from 0. An infinite number is null, and so is α
 * where some of several pairs add nothing.
 */
public final class TraceJson {
  private final Tokenizer tokenizer;

  /**
   * Spells tokens as a vocabulary does.
   *
   * @param tokenizer the base's
   */
  public TraceJson(Tokenizer tokenizer) {
    this.tokenizer = tokenizer;
  }

  /** An object for each token that has a trace. */
  public ArrayNode of(List<Token> tokens) {
    ArrayNode json = JsonNodeFactory.instance.arrayNode();
    for (Token token : tokens) {
      TokenTrace trace = token.trace();
      if (trace != null) {
        json.add(of(token, trace));
      }
    }
    return json;
  }

  private ObjectNode of(Token token, TokenTrace trace) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("index", token.index()).put("id", token.id()).put("token", spelling(token.id()));
    json.put("text", token.text()).put("steered", trace.steered());
    put(json, "shift", trace.shift());
    put(json, "divergence", trace.divergence());
    json.put("drafted", trace.drafted());
    List<OfRole> experts =
        trace.roles().stream().filter(role -> role.role() == Role.EXPERT).toList();
    boolean numbered = experts.stream().anyMatch(role -> role.pair() > 0);
    for (int i = 0; i < experts.size(); i++) {
      String name = numbered ? "alpha_" + experts.get(i).pair() : "alpha";
      put(json, name, alpha(i, experts.size(), trace.alphas()));
    }
    json.set("fused", view(trace.fused()));
    trace.roles().forEach(role -> json.set(name(role, numbered), view(role.view())));
    return json;
  }

  /** Pairs that add nothing have no strength: which of several these are is not told. */
  private static double alpha(int index, int pairs, List<Double> alphas) {
    if (alphas.isEmpty()) {
      return 0;
    }
    return alphas.size() == pairs ? alphas.get(index) : Double.NaN;
  }

  private static String name(OfRole role, boolean numbered) {
    String name = role.role().name().toLowerCase(Locale.ROOT);
    return numbered && role.role() != Role.BASE ? name + "_" + role.pair() : name;
  }

  private ObjectNode view(View view) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    put(json, "logit", view.logit());
    put(json, "logprob", view.logprob());
    json.put("rank", view.rank()).put("choice", view.choice());
    json.put("choice_token", spelling(view.choice()));
    put(json, "entropy", view.entropy());
    return json;
  }

  private @Nullable String spelling(int id) {
    return tokenizer.token(id).orElse(null);
  }

  private static void put(ObjectNode json, String name, double value) {
    if (Double.isFinite(value)) {
      json.put(name, value);
    } else {
      json.putNull(name);
    }
  }
}
