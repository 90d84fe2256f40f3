package io.proxytune.examples.tasks.judge;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;

/**
 * What a judge is asked about one answer: immutable.
 *
 * @param task the benchmark's name
 * @param id the item's, the same for every system
 * @param asks what is to be judged, such as {@code true} or {@code toxic}
 * @param fields what the judge reads, such as question and answer
 * @param probes the same as texts for a language model, at least one; their verdicts are averaged
 */
public record JudgeQuestion(
    String task, String id, String asks, Map<String, String> fields, List<Probe> probes) {
  /**
   * A text that a language model goes on with " yes" or " no".
   *
   * @param text the text
   * @param means whether " yes" is what the question asks; otherwise " no" is
   */
  public record Probe(String text, boolean means) {}

  public JudgeQuestion {
    fields = Map.copyOf(fields);
    probes = List.copyOf(probes);
  }

  /** As commands are given it, in one line. */
  ObjectNode json() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("task", task).put("id", id).put("asks", asks);
    fields.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(field -> json.put(field.getKey(), field.getValue()));
    return json;
  }
}
