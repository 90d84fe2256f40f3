package io.proxytune.core.remote;

import com.fasterxml.jackson.databind.JsonNode;
import io.proxytune.Tokenizer;
import io.proxytune.model.Logits;

/**
 * What a llama.cpp server says of itself.
 *
 * @param name the model's file or alias
 * @param width the number of its tokens
 * @param contextLength the most tokens of a sequence
 * @param slots how many sequences it works on at once
 * @param endOfTextToken the token that ends a text, as it is spelled, or an empty text
 */
record LlamaProps(String name, int width, int contextLength, int slots, String endOfTextToken) {
  private static final int MAX_SLOTS = 1024;

  static LlamaProps of(Endpoint endpoint, Tokenizer tokenizer) {
    JsonNode props = endpoint.get("/props");
    JsonNode model = endpoint.get("/v1/models").path("data").path(0);
    int context = props.path("default_generation_settings").path("n_ctx").asInt();
    int width = model.path("meta").path("n_vocab").asInt(tokenizer.vocabularySize());
    int slots = props.path("total_slots").asInt(1);
    require(context > 1, endpoint, "default_generation_settings.n_ctx", context);
    require(width >= 1 && width <= Logits.MAX_WIDTH, endpoint, "n_vocab", width);
    require(slots >= 1, endpoint, "total_slots", slots);
    return new LlamaProps(
        name(model.path("id").asText(props.path("model_path").asText(""))),
        width,
        context - 1, // it wants room for the token that it picks
        Math.min(slots, MAX_SLOTS),
        props.path("eos_token").asText(""));
  }

  private static void require(boolean holds, Endpoint endpoint, String field, int got) {
    if (!holds) {
      throw new ServerException(
          String.format(
              "the server %s says that %s is %d: is it another kind of server than llama.cpp's?",
              endpoint, field, got),
          null);
    }
  }

  /** Paths tell no more than their last part. */
  private static String name(String id) {
    String last = id.substring(Math.max(id.lastIndexOf('/'), id.lastIndexOf('\\')) + 1);
    return last.isEmpty() ? "a model" : last;
  }
}
