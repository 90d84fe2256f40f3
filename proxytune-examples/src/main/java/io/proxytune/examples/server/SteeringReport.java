package io.proxytune.examples.server;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.Role;
import io.proxytune.TokenLogprobs;
import io.proxytune.TokenLogprobs.Alternative;
import io.proxytune.TokenLogprobs.OfRole;
import java.util.List;
import java.util.Locale;

/**
 * What steering changed, token by token: where the base, given the same text, would have said
 * another token, and how likely the token was to each model.
 */
final class SteeringReport {
  private final TokenTexts texts;

  SteeringReport(TokenTexts texts) {
    this.texts = texts;
  }

  ArrayNode of(List<TokenView> tokens) {
    ArrayNode json = JsonNodeFactory.instance.arrayNode();
    tokens.forEach(token -> json.add(of(token)));
    return json;
  }

  private ObjectNode of(TokenView token) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("token", texts.of(token.id())).put("token_id", token.id());
    if (token.ends()) {
      json.put("ends", true);
    }
    TokenLogprobs logprobs = token.logprobs();
    if (logprobs == null) {
      return json.put("changed", false).putNull("logprob").putNull("base");
    }
    OfRole base =
        logprobs.roles().stream().filter(it -> it.role() == Role.BASE).findFirst().orElseThrow();
    Alternative likeliest = base.top().get(0);
    json.put("changed", logprobs.roles().size() > 1 && likeliest.id() != token.id());
    json.put("logprob", TokenTexts.finite(logprobs.logprob()));
    json.putObject("base")
        .put("logprob", TokenTexts.finite(base.logprob()))
        .put("likeliest", texts.of(likeliest.id()))
        .put("likeliest_id", likeliest.id())
        .put("likeliest_logprob", TokenTexts.finite(likeliest.logprob()));
    ArrayNode experts = json.putArray("experts");
    logprobs.roles().stream()
        .filter(it -> it.role() != Role.BASE)
        .forEach(
            it ->
                experts
                    .addObject()
                    .put("role", it.role().name().toLowerCase(Locale.ROOT))
                    .put("pair", it.pair())
                    .put("logprob", TokenTexts.finite(it.logprob())));
    return json;
  }
}
