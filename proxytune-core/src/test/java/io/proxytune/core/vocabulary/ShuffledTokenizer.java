package io.proxytune.core.vocabulary;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/** A tokenizer with the same tokens at other ids, as a {@code tokenizer.json}. */
public final class ShuffledTokenizer {
  private static final ObjectMapper JSON = new ObjectMapper();

  private ShuffledTokenizer() {}

  /**
   * Numbers the tokens of a tokenizer anew.
   *
   * @param from a folder with {@code tokenizer.json}
   * @param to an existing folder
   * @param width so many ids change places, at least those of all tokens
   * @return the new id of each old one
   */
  public static int[] write(Path from, Path to, int width, long seed) {
    List<Integer> ids = new ArrayList<>(IntStream.range(0, width).boxed().toList());
    Collections.shuffle(ids, new Random(seed));
    int[] renumbered = ids.stream().mapToInt(Integer::intValue).toArray();
    write(from, to, renumbered);
    return renumbered;
  }

  /** Numbers the tokens of a tokenizer anew. */
  public static void write(Path from, Path to, int[] renumbered) {
    try {
      JsonNode tokenizer = JSON.readTree(from.resolve("tokenizer.json").toFile());
      renumber(tokenizer, renumbered);
      JSON.writeValue(to.resolve("tokenizer.json").toFile(), tokenizer);
      for (String other : new String[] {"tokenizer_config.json", "special_tokens_map.json"}) {
        if (Files.exists(from.resolve(other))) {
          Files.copy(from.resolve(other), to.resolve(other));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void renumber(JsonNode tokenizer, int[] renumbered) {
    JsonNode model = tokenizer.path("model");
    tokenizer.path("added_tokens").forEach(added -> addToModel(model.path("vocab"), added));
    if (model.path("vocab") instanceof ArrayNode pieces) {
      reorder((ObjectNode) model, pieces, renumbered);
    }
    for (Map.Entry<String, JsonNode> token : model.path("vocab").properties()) {
      token.setValue(JSON.valueToTree(renumbered[token.getValue().asInt()]));
    }
    for (JsonNode added : tokenizer.path("added_tokens")) {
      ((ObjectNode) added).put("id", renumbered[added.path("id").asInt()]);
    }
    for (JsonNode part : tokenizer.findValues("special_tokens")) {
      for (JsonNode special : part) {
        ArrayNode ids = (ArrayNode) special.path("ids");
        IntStream.range(0, ids.size()).forEach(i -> ids.set(i, renumbered[ids.get(i).asInt()]));
      }
    }
  }

  /** Those that only stand beside the model's are numbered behind them, whatever the file says. */
  private static void addToModel(JsonNode vocabulary, JsonNode added) {
    String token = added.path("content").asText();
    if (vocabulary instanceof ObjectNode object) {
      object.put(token, added.path("id").asInt());
    } else if (added.path("id").asInt() == vocabulary.size()) {
      ((ArrayNode) vocabulary).addArray().add(token).add(-100.0);
    }
  }

  /** A Unigram model numbers its pieces by their order. */
  private static void reorder(ObjectNode model, ArrayNode pieces, int[] renumbered) {
    JsonNode[] reordered = new JsonNode[pieces.size()];
    IntStream.range(0, pieces.size()).forEach(i -> reordered[renumbered[i]] = pieces.get(i));
    model.set("vocab", JSON.valueToTree(reordered));
    model.put("unk_id", renumbered[model.path("unk_id").asInt()]);
  }
}
