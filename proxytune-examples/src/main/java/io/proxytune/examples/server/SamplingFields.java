package io.proxytune.examples.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.GenerationOptions;
import io.proxytune.Penalties;
import io.proxytune.Sampler;
import io.proxytune.StandardSampler;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** How tokens are picked and when a text ends: what completions and chats have in common. */
final class SamplingFields {
  private static final int MAX_STOPS = 64;

  private final Fields fields;

  SamplingFields(Fields fields) {
    this.fields = fields;
  }

  /** What is given wins; what is not stays. */
  GenerationOptions applyTo(GenerationOptions first) {
    Penalties penalties = first.penalties();
    GenerationOptions options =
        first
            .withSampler(sampler(first.sampler()))
            .withPenalties(
                new Penalties(
                    fields.number("repetition_penalty").orElse(penalties.repetition()),
                    fields.number("frequency_penalty").orElse(penalties.frequency()),
                    fields.number("presence_penalty").orElse(penalties.presence())))
            .withLogitBias(fields.object("logit_bias").map(SamplingFields::bias).orElse(Map.of()))
            .withStopIds(stopIds())
            .withIgnoreEndOfText(fields.flag("ignore_eos"));
    Optional<Long> seed = fields.wholeNumber("seed");
    options = seed.isPresent() ? options.withSeed(seed.get()) : options;
    Optional<Integer> least = fields.integer("min_tokens", 0, Integer.MAX_VALUE);
    options = least.isPresent() ? options.withMinNewTokens(least.get()) : options;
    List<String> stops = new ArrayList<>(options.stopStrings());
    stops.addAll(stops());
    return options.withStopStrings(stops);
  }

  private Sampler sampler(Sampler first) {
    StandardSampler given = first instanceof StandardSampler known ? known : Sampler.temperature(1);
    return new StandardSampler(
        fields.number("temperature").orElse(given.temperature()),
        fields
            .integer("top_k", -1, Integer.MAX_VALUE)
            .map(k -> Math.max(0, k))
            .orElse(given.topK()),
        fields.number("top_p").orElse(given.topP()),
        fields.number("min_p").orElse(given.minP()),
        fields.number("typical_p").orElse(given.typicalP()));
  }

  private static Map<Integer, Double> bias(ObjectNode given) {
    Map<Integer, Double> bias = new LinkedHashMap<>();
    given
        .properties()
        .forEach(
            entry -> bias.put(id(entry.getKey()), Fields.number("logit_bias", entry.getValue())));
    return bias;
  }

  private static int id(String name) {
    if (!name.matches("\\d{1,9}")) {
      throw ApiException.bad(
          "logit_bias", "'logit_bias' maps token ids to numbers, got the key '%s'", name);
    }
    return Integer.parseInt(name);
  }

  private List<String> stops() {
    Optional<JsonNode> given = fields.node("stop");
    if (given.isEmpty()) {
      return List.of();
    }
    List<JsonNode> values = new ArrayList<>();
    if (given.get().isArray()) {
      given.get().forEach(values::add);
    } else {
      values.add(given.get());
    }
    boolean fit =
        values.size() <= MAX_STOPS
            && values.stream().allMatch(it -> it.isTextual() && !it.textValue().isEmpty());
    Fields.check(
        fit, "stop", "a string or up to " + MAX_STOPS + " strings, none empty", given.get());
    return values.stream().map(JsonNode::textValue).toList();
  }

  private Set<Integer> stopIds() {
    Set<Integer> ids = new HashSet<>();
    fields
        .list("stop_token_ids")
        .ifPresent(list -> list.forEach(id -> ids.add(tokenId("stop_token_ids", id))));
    return ids;
  }

  /** A token's id. */
  static int tokenId(String name, JsonNode value) {
    boolean fits = value.isIntegralNumber() && value.canConvertToInt() && value.intValue() >= 0;
    Fields.check(fits, name, "made of token ids", value);
    return value.intValue();
  }
}
