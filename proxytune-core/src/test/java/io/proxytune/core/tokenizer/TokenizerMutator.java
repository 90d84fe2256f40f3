package io.proxytune.core.tokenizer;

import static io.proxytune.core.tokenizer.TokenizerScraps.NORMALIZERS;
import static io.proxytune.core.tokenizer.TokenizerScraps.PIECES;
import static io.proxytune.core.tokenizer.TokenizerScraps.TEXTS;
import static io.proxytune.core.tokenizer.TokenizerScraps.TYPES;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * Damages tokenizers: members go, come twice or change their type; parts are taken from another
 * tokenizer; numbers become extreme, and texts empty, long or regular expressions.
 */
final class TokenizerMutator {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final int KEPT_TOKENS = 300;
  private static final int KEPT_MERGES = 60;

  private final Random random;

  TokenizerMutator(long seed) {
    random = new Random(seed);
  }

  /** A tokenizer with few of its tokens, for speed; those with a role and the bytes stay. */
  static ObjectNode shrunk(JsonNode whole) {
    ObjectNode small = whole.deepCopy();
    ObjectNode model = (ObjectNode) small.path("model");
    if (model.path("vocab").size() > KEPT_TOKENS && model.path("vocab").isObject()) {
      shrinkVocabulary(model, whole.path("added_tokens"));
    }
    ArrayNode added = JSON.arrayNode();
    for (int i = 0; i < Math.min(8, whole.path("added_tokens").size()); i++) {
      added.add(whole.path("added_tokens").get(i));
    }
    small.set("added_tokens", added);
    return small;
  }

  private static void shrinkVocabulary(ObjectNode model, JsonNode addedTokens) {
    ObjectNode kept = JSON.objectNode();
    Iterator<Map.Entry<String, JsonNode>> tokens = model.path("vocab").properties().iterator();
    Set<String> roles = new HashSet<>(List.of(model.path("unk_token").asText()));
    addedTokens.forEach(token -> roles.add(token.path("content").asText()));
    while (tokens.hasNext()) {
      Map.Entry<String, JsonNode> token = tokens.next();
      if (kept.size() < KEPT_TOKENS || roles.contains(token.getKey())) {
        kept.set(token.getKey(), token.getValue());
      }
    }
    ArrayNode merges = JSON.arrayNode();
    for (JsonNode merge : model.path("merges")) {
      String left = merge.isArray() ? merge.path(0).asText() : merge.asText().split(" ", 2)[0];
      String right = merge.isArray() ? merge.path(1).asText() : merge.asText().split(" ", 2)[1];
      if (merges.size() < KEPT_MERGES
          && kept.has(left)
          && kept.has(right)
          && kept.has(left + right)) {
        merges.add(merge);
      }
    }
    model.set("vocab", kept);
    model.set("merges", merges);
  }

  /**
   * Damages a tokenizer in one to four places.
   *
   * @param tokenizer a tokenizer, which stays as it is
   * @param other one to take parts from
   * @return the damaged text
   */
  String mutate(ObjectNode tokenizer, ObjectNode other) {
    ObjectNode damaged = tokenizer.deepCopy();
    int places = 1 + random.nextInt(4) * random.nextInt(2);
    for (int i = 0; i < places; i++) {
      int kind = random.nextInt(8);
      if (kind < 2) {
        exchangePart(damaged, other);
      } else if (kind == 2) {
        splitAnew(damaged);
      } else {
        damageSomewhere(damaged);
      }
    }
    return spoilText(damaged.toString());
  }

  private void exchangePart(ObjectNode damaged, ObjectNode other) {
    List<String> parts =
        List.of("normalizer", "pre_tokenizer", "post_processor", "decoder", "model");
    String to = parts.get(random.nextInt(parts.size()));
    String from = random.nextInt(6) == 0 ? parts.get(random.nextInt(parts.size())) : to;
    if (random.nextInt(4) == 0 && !to.equals("model")) {
      ArrayNode both =
          JSON.arrayNode().add(damaged.path(to).deepCopy()).add(other.path(from).deepCopy());
      String name =
          switch (to) {
            case "normalizer" -> "normalizers";
            case "pre_tokenizer" -> "pretokenizers";
            case "post_processor" -> "processors";
            default -> "decoders";
          };
      damaged.set(to, JSON.objectNode().put("type", "Sequence").set(name, both));
    } else if (random.nextInt(4) == 0) {
      String type = NORMALIZERS.get(random.nextInt(NORMALIZERS.size()));
      damaged.set(
          "normalizer",
          JSON.objectNode().put("type", type).put("strip_left", true).put("strip_right", true));
    } else {
      damaged.set(to, other.path(from).deepCopy());
    }
  }

  private void damageSomewhere(ObjectNode root) {
    List<JsonNode> containers = new ArrayList<>();
    collect(root, containers);
    JsonNode at = containers.get(random.nextInt(containers.size()));
    if (at instanceof ObjectNode object) {
      damage(object);
    } else if (at instanceof ArrayNode array) {
      damage(array);
    }
  }

  /** Of the many entries of a vocabulary and merges, a few count: the parts matter as much. */
  private static void collect(JsonNode node, List<JsonNode> into) {
    if (node.isContainerNode()) {
      into.add(node);
      int most = node.size() > 20 ? 3 : node.size();
      for (JsonNode child : node) {
        if (most-- > 0) {
          collect(child, into);
        }
      }
    }
  }

  private void damage(ObjectNode object) {
    if (object.isEmpty()) {
      object.set("type", JSON.textNode(pick(TYPES)));
      return;
    }
    List<String> names = new ArrayList<>();
    object.fieldNames().forEachRemaining(names::add);
    String name = pick(names);
    switch (random.nextInt(6)) {
      case 0 -> object.remove(name);
      case 1 -> object.set(pick(names) + (random.nextBoolean() ? "" : "x"), object.remove(name));
      case 2 -> object.set(name, object.path(pick(names)).deepCopy());
      default ->
          object.set(
              name, name.equals("type") ? JSON.textNode(pick(TYPES)) : changed(object.path(name)));
    }
  }

  private void damage(ArrayNode array) {
    if (array.isEmpty()) {
      array.add(changed(JSON.nullNode()));
      return;
    }
    int i = random.nextInt(array.size());
    switch (random.nextInt(5)) {
      case 0 -> array.remove(i);
      case 1 -> array.insert(random.nextInt(array.size() + 1), array.get(i).deepCopy());
      case 2 -> array.removeAll();
      default -> array.set(i, changed(array.get(i)));
    }
  }

  private JsonNode changed(JsonNode value) {
    if (random.nextInt(6) == 0) {
      return anything();
    }
    if (value.isBoolean()) {
      return JSON.booleanNode(!value.booleanValue());
    }
    if (value.isNumber()) {
      return number();
    }
    if (value.isTextual()) {
      return JSON.textNode(text(value.textValue()));
    }
    return anything();
  }

  private JsonNode anything() {
    return switch (random.nextInt(7)) {
      case 0 -> JSON.nullNode();
      case 1 -> JSON.booleanNode(random.nextBoolean());
      case 2 -> number();
      case 3 -> JSON.textNode(text(""));
      case 4 -> JSON.arrayNode();
      case 5 -> JSON.objectNode();
      default -> JSON.objectNode().put(random.nextBoolean() ? "Regex" : "String", pick(TEXTS));
    };
  }

  private JsonNode number() {
    return switch (random.nextInt(9)) {
      case 0 -> JSON.numberNode(0);
      case 1 -> JSON.numberNode(1);
      case 2 -> JSON.numberNode(-1);
      case 3 -> JSON.numberNode(Integer.MAX_VALUE);
      case 4 -> JSON.numberNode(0xFFFFFFFFL);
      case 5 -> JSON.numberNode(Long.MAX_VALUE);
      case 6 -> JSON.numberNode(0.5);
      case 7 -> JSON.numberNode(-1e300);
      default -> JSON.numberNode(random.nextInt(400));
    };
  }

  private String regex() {
    StringBuilder regex = new StringBuilder();
    int pieces = 1 + random.nextInt(7);
    for (int i = 0; i < pieces; i++) {
      regex.append(pick(PIECES));
    }
    return regex.toString();
  }

  private void splitAnew(ObjectNode damaged) {
    ObjectNode split = JSON.objectNode().put("type", "Split").put("invert", random.nextBoolean());
    split.put("behavior", pick(List.of("Removed", "Isolated", "MergedWithNext", "Contiguous")));
    split.putObject("pattern").put("Regex", regex());
    damaged.set("pre_tokenizer", split);
  }

  private String text(String before) {
    if (random.nextInt(4) == 0) {
      return regex();
    }
    return switch (random.nextInt(6)) {
      case 0 -> before + pick(TEXTS);
      case 1 -> before.isEmpty() ? "x" : before.substring(random.nextInt(before.length()));
      case 2 -> spoiled(before);
      default -> pick(TEXTS);
    };
  }

  /** Changes one character: of a map of characters in base64, this damages its tables. */
  private String spoiled(String text) {
    if (text.isEmpty()) {
      return "\ud800";
    }
    char[] characters = text.toCharArray();
    characters[random.nextInt(characters.length)] =
        "ABZaz09+/=([{*+?|\\ \n".charAt(random.nextInt(20));
    return new String(characters);
  }

  /** Numbers that no tree of JSON holds, members twice, and a cut. */
  private String spoilText(String json) {
    return switch (random.nextInt(40)) {
      case 0 -> json.replaceFirst(":(\\d+)", ":1e999");
      case 1 -> json.replaceFirst(":(\\d+)", ":NaN");
      case 2 -> json.replaceFirst("\"type\"", "\"type\":\"Replace\",\"type\"");
      case 3 -> json.substring(0, random.nextInt(json.length()));
      default -> json;
    };
  }

  private <T> T pick(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }
}
