package io.proxytune.core.fuzz;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamWriteConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/**
 * Changes parts of a JSON tree, so that fuzzing gets past the parser: keys go, move, or get other
 * values; lists grow and shrink.
 */
final class JsonMutator {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final int MAX_CHANGES = 4;

  /** Writes trees of any depth. */
  private static final ObjectMapper WRITER =
      new ObjectMapper(
          JsonFactory.builder()
              .streamWriteConstraints(
                  StreamWriteConstraints.builder().maxNestingDepth(Integer.MAX_VALUE).build())
              .build());

  private final FuzzedDataProvider data;

  JsonMutator(FuzzedDataProvider data) {
    this.data = data;
  }

  /** The text of a file: a changed tree, or now and then whatever bytes come. */
  static String text(FuzzedDataProvider data, JsonNode seed) {
    return data.consumeInt(0, 7) == 7
        ? data.consumeRemainingAsString()
        : new JsonMutator(data).mutatedText(seed);
  }

  /** The text of a copy of a tree with up to four changes. */
  String mutatedText(JsonNode seed) {
    try {
      return WRITER.writeValueAsString(mutated(seed));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private JsonNode mutated(JsonNode seed) {
    JsonNode copy = seed.deepCopy();
    for (int i = data.consumeInt(0, MAX_CHANGES); i > 0; i--) {
      change(copy);
    }
    return copy;
  }

  private void change(JsonNode root) {
    JsonNode parent = root;
    JsonNode at = root;
    while (at.isContainerNode() && !at.isEmpty()) {
      parent = at;
      at = child(at);
      if (data.consumeInt(0, 3) == 0) {
        break;
      }
    }
    if (parent instanceof ObjectNode object) {
      changeObject(object, root);
    } else if (parent instanceof ArrayNode array) {
      changeArray(array, root);
    }
  }

  private JsonNode child(JsonNode container) {
    int index = data.consumeInt(0, container.size() - 1);
    List<JsonNode> children = new ArrayList<>();
    container.elements().forEachRemaining(children::add);
    return children.get(index);
  }

  private void changeObject(ObjectNode object, JsonNode root) {
    List<String> keys = new ArrayList<>();
    object.fieldNames().forEachRemaining(keys::add);
    String key = keys.isEmpty() ? "key" : keys.get(data.consumeInt(0, keys.size() - 1));
    switch (data.consumeInt(0, 4)) {
      case 0 -> object.remove(key);
      case 1 -> object.set(data.consumeString(12), object.path(key).deepCopy());
      case 2 -> object.set(key, elsewhere(root));
      default -> object.set(key, value(object.path(key)));
    }
  }

  private void changeArray(ArrayNode array, JsonNode root) {
    int index = array.isEmpty() ? 0 : data.consumeInt(0, array.size() - 1);
    switch (data.consumeInt(0, 4)) {
      case 0 -> {
        if (!array.isEmpty()) {
          array.remove(index);
        }
      }
      case 1 -> array.insert(index, array.isEmpty() ? value(JSON.nullNode()) : array.get(index));
      case 2 -> array.insert(index, elsewhere(root));
      default -> {
        if (!array.isEmpty()) {
          array.set(index, value(array.get(index)));
        }
      }
    }
  }

  /** Something that stands elsewhere in the tree, so that values keep looking likely. */
  private JsonNode elsewhere(JsonNode root) {
    if (!root.isContainerNode() || root.isEmpty()) {
      return JSON.objectNode();
    }
    JsonNode at = child(root); // the root itself would double the tree
    while (at.isContainerNode() && !at.isEmpty() && data.consumeInt(0, 3) > 0) {
      at = child(at);
    }
    return at.deepCopy();
  }

  private JsonNode value(JsonNode old) {
    return switch (data.consumeInt(0, 13)) {
      case 0 -> JSON.nullNode();
      case 1 -> JSON.booleanNode(data.consumeBoolean());
      case 2 -> JSON.numberNode(data.consumeInt());
      case 3 -> JSON.numberNode(data.consumeLong());
      case 4 -> JSON.numberNode(data.consumeDouble());
      case 5 -> JSON.numberNode(data.consumeInt(-2, 70));
      case 6 -> JSON.numberNode(BigInteger.ONE.shiftLeft(data.consumeInt(1, 300)));
      case 7 -> JSON.textNode("");
      case 8 -> JSON.textNode(data.consumeString(20));
      case 9 -> JSON.textNode(old.asText() + data.consumeString(4));
      case 10 -> JSON.textNode("a".repeat(data.consumeInt(1, 5000)));
      case 11 -> JSON.arrayNode();
      case 12 -> JSON.arrayNode().add(old.deepCopy()).add(old.deepCopy());
      default -> nested(data.consumeInt(1, 1500));
    };
  }

  private static JsonNode nested(int depth) {
    JsonNode node = JSON.arrayNode();
    for (int i = 0; i < depth; i++) {
      node = JSON.arrayNode().add(node);
    }
    return node;
  }
}
