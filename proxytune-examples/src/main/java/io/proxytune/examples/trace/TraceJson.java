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
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Traces as JSON: an object a token, with an object a distribution under the name of its role. With
 * several pairs a name ends with the pair's number, from 0. An infinite number is null, and so is α
 * where some of several pairs add nothing. All is null of a role that was not asked for a token.
 */
public final class TraceJson {
  private static final View UNASKED = new View(Double.NaN, Double.NaN, -1, -1, Double.NaN);

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
    List<OfRole> roles =
        tokens.stream()
            .map(Token::trace)
            .flatMap(Stream::ofNullable)
            .map(TokenTrace::roles)
            .max(Comparator.comparingInt(List::size))
            .orElse(List.of());
    for (Token token : tokens) {
      TokenTrace trace = token.trace();
      if (trace != null) {
        json.add(of(token, trace, roles));
      }
    }
    return json;
  }

  /** With the same names for all tokens: those of the roles that were asked for any. */
  private ObjectNode of(Token token, TokenTrace trace, List<OfRole> roles) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("index", token.index()).put("id", token.id()).put("token", spelling(token.id()));
    json.put("text", token.text()).put("steered", trace.steered());
    put(json, "shift", trace.shift());
    put(json, "divergence", trace.divergence());
    json.put("drafted", trace.drafted());
    List<OfRole> experts = roles.stream().filter(role -> role.role() == Role.EXPERT).toList();
    boolean numbered = experts.stream().anyMatch(role -> role.pair() > 0);
    for (int i = 0; i < experts.size(); i++) {
      String name = numbered ? "alpha_" + experts.get(i).pair() : "alpha";
      put(json, name, alpha(i, experts.size(), trace.alphas()));
    }
    json.set("fused", view(trace.fused()));
    for (int i = 0; i < roles.size(); i++) {
      boolean asked = i < trace.roles().size();
      View view = asked ? trace.roles().get(i).view() : UNASKED;
      json.set(name(roles.get(i), numbered), view(view));
    }
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
    if (view.equals(UNASKED)) {
      json.putNull("rank").putNull("choice").putNull("choice_token");
    } else {
      json.put("rank", view.rank()).put("choice", view.choice());
      json.put("choice_token", spelling(view.choice()));
    }
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
