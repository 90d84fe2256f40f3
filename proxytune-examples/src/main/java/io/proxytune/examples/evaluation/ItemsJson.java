package io.proxytune.examples.evaluation;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Map;

/** Every question with what was answered to it, for programs. For one thread. */
final class ItemsJson {
  private final Map<Item, ObjectNode> items = new LinkedHashMap<>();

  /**
   * Adds an answer.
   *
   * @param system who gave it, or at which strength
   */
  void add(String system, Item item, Reply reply, Mark mark) {
    items
        .computeIfAbsent(item, ItemsJson::question)
        .withObjectProperty("answers")
        .putObject(system)
        .put("text", reply.text())
        .put("exact", mark.exact())
        .put("facts", mark.knows())
        .put("ended", mark.ended())
        .put("refused", mark.refused());
  }

  private static ObjectNode question(Item item) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("task", item.task().id())
        .put("prompt", item.prompt())
        .put("expected", item.answer());
  }

  /** The questions in the order in which they were first asked. */
  ArrayNode json() {
    ArrayNode json = JsonNodeFactory.instance.arrayNode();
    items.values().forEach(json::add);
    return json;
  }
}
