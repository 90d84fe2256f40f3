package io.proxytune.core.family;

import com.fasterxml.jackson.databind.JsonNode;
import io.proxytune.core.config.ConfigJson;
import io.proxytune.core.decoder.AttentionSpec;
import io.proxytune.core.decoder.DecoderSpec;
import io.proxytune.core.decoder.LayerSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** GPT-Neo: GPT-2 with plain projections, scores as they are, and windows in every other layer. */
final class GptNeo {
  private static final Keys KEYS =
      new Keys(
          "hidden_size",
          "num_layers",
          "num_heads",
          "num_key_value_heads",
          "intermediate_size",
          "max_position_embeddings",
          "layer_norm_epsilon",
          "activation_function");

  private static final String LAYERS = "attention_layers";
  private static final String REPEATED = "attention_types";

  /** Layers beyond any model's; a file must not size an allocation. */
  private static final int MOST_REPEATED = 10_000;

  private GptNeo() {}

  static DecoderSpec describe(Source source) {
    Outline neo = new Outline(source, Style.GPT2.withKeys(KEYS));
    OptionalInt window = OptionalInt.of(source.config().positiveInt("window_size", 256));
    List<String> types = types(source.config());
    return neo.decoder(
        neo.positions(),
        neo.embedding("wte").withPositions(neo.learnedPositions("wpe", 0)),
        layer ->
            LayerSpec.preNorm(
                attention(layer)
                    .withWindow(Windows.where(types.get(layer.index()).equals("local"), window)),
                layer.plainMlp("mlp.c_fc", "mlp.c_proj", neo.inner(4 * neo.width()), true),
                layer.layerNorm("ln_1"),
                layer.layerNorm("ln_2")),
        neo.head(neo.layerNorm("ln_f"), true));
  }

  private static AttentionSpec attention(LayerOutline layer) {
    return layer
        .attention("attn.attention.", "out_proj", Optional.empty(), false, true)
        .withScale(1);
  }

  private static List<String> types(ConfigJson config) {
    List<String> types = config.texts(LAYERS).orElseGet(() -> repeated(config));
    if (!Set.of("global", "local").containsAll(types)) {
      throw config.refusal(LAYERS, "made of global and local alone");
    }
    if (types.size()
        < config.positiveInt(config.has("num_layers") ? "num_layers" : "num_hidden_layers")) {
      throw config.refusal(LAYERS, "a list for each of the num_layers layers");
    }
    return types;
  }

  /** Lists of types and how often each is repeated: {@code [[["global", "local"], 12]]}. */
  private static List<String> repeated(ConfigJson config) {
    String expected = "a list of pairs of strings and how often they are repeated";
    List<String> types = new ArrayList<>();
    for (JsonNode pair : config.any(REPEATED, expected)) {
      JsonNode once = pair.path(0);
      if (pair.size() != 2 || !once.isArray() || !pair.path(1).isInt()) {
        throw config.refusal(REPEATED, expected);
      }
      for (int i = 0; i < Math.min(pair.path(1).intValue(), MOST_REPEATED); i++) {
        once.forEach(type -> types.add(type.asText()));
      }
    }
    return types;
  }
}
