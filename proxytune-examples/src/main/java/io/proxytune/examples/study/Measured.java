package io.proxytune.examples.study;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.examples.evaluation.Mark;
import io.proxytune.examples.evaluation.SystemId;
import io.proxytune.examples.evaluation.SystemResult;
import io.proxytune.examples.evaluation.Task;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A system on a set: its marks, and what the answers took. Immutable.
 *
 * @param result the marks
 * @param cost of the texts that it wrote; of choices there is none
 * @param seconds how long it took
 */
record Measured(SystemResult result, Cost cost, double seconds) {
  /** What a mark says, a bit each. */
  private static final int EXACT = 1;

  private static final int KNOWS = 2;
  private static final int ENDED = 4;
  private static final int REFUSED = 8;

  ObjectNode json() {
    ObjectNode json = JsonNodeFactory.instance.objectNode().put("seconds", seconds);
    json.set("cost", cost.json());
    ObjectNode marks = json.putObject("marks");
    result.marks().forEach((task, list) -> put(marks.putArray(task.id()), list));
    return json;
  }

  private static void put(ArrayNode json, List<Mark> marks) {
    for (Mark mark : marks) {
      json.add(
          (mark.exact() ? EXACT : 0)
              + (mark.knows() ? KNOWS : 0)
              + (mark.ended() ? ENDED : 0)
              + (mark.refused() ? REFUSED : 0));
    }
  }

  static Measured of(JsonNode json) {
    Map<Task, List<Mark>> marks = new LinkedHashMap<>();
    for (Task task : Task.values()) {
      if (json.path("marks").has(task.id())) {
        marks.put(task, marks(json.path("marks").path(task.id())));
      }
    }
    return new Measured(
        new SystemResult(SystemId.PROXY, marks),
        Cost.of(json.path("cost")),
        json.path("seconds").asDouble());
  }

  private static List<Mark> marks(JsonNode json) {
    List<Mark> marks = new ArrayList<>();
    for (JsonNode bits : json) {
      int mark = bits.asInt();
      marks.add(
          new Mark(
              (mark & EXACT) != 0,
              (mark & KNOWS) != 0,
              (mark & ENDED) != 0,
              (mark & REFUSED) != 0));
    }
    return marks;
  }
}
