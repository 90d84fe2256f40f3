package io.proxytune.examples.tasks;

import java.util.List;
import java.util.Map;

/**
 * An item of a benchmark: immutable.
 *
 * @param id tells it from others of the benchmark
 * @param group what results are told apart by; empty for nothing
 * @param ask what the models read
 * @param expected the right answers, or what the answer is compared with
 * @param fields what the metric needs beside, by the published files' names
 */
public record TaskItem(
    String id, String group, Ask ask, List<String> expected, Map<String, String> fields) {
  public TaskItem {
    expected = List.copyOf(expected);
    fields = Map.copyOf(fields);
  }

  /** A field that its benchmark gave it. */
  String field(String name) {
    String value = fields.get(name);
    if (value == null) {
      throw new IllegalStateException("item " + id + " has no " + name);
    }
    return value;
  }
}
