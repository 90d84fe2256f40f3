package io.proxytune.examples.evaluation;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.examples.statistics.Interval;
import io.proxytune.examples.statistics.Proportion;

/** An evaluation for programs. */
public final class EvaluationJson {
  private EvaluationJson() {}

  static ObjectNode of(EvaluationResult result) {
    GapClosed gap = result.gapClosed(SystemId.PROXY);
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("set", result.set());
    json.put("alpha", result.alpha());
    json.put("sampler", "greedy");
    put(json, "mean_gap_closed", gap.mean());
    gap.interval().ifPresent(interval -> put(json, "mean_gap_closed_interval", interval));
    json.put("bootstrap_seed", 1);
    json.set("gap_closed", gap(gap));
    result
        .system(SystemId.PROXY_LORA)
        .ifPresent(lora -> lora(json, result.gapClosed(SystemId.PROXY_LORA)));
    ObjectNode systems = json.putObject("systems");
    result.systems().forEach(system -> systems.set(system.id().id(), system(system)));
    ArrayNode gains = json.putArray("proxy_minus_expert");
    for (EvaluationResult.Gain gain : result.gainsOverExpert()) {
      ObjectNode one = gains.addObject().put("task", gain.task().id());
      put(one.put("difference", gain.difference()), "interval", gain.interval());
    }
    return json;
  }

  private static ObjectNode gap(GapClosed gap) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    gap.tasks().forEach(task -> put(json, task.task().id(), task.value()));
    return json;
  }

  private static void lora(ObjectNode json, GapClosed gap) {
    put(json, "mean_gap_closed_lora", gap.mean());
    json.set("gap_closed_lora", gap(gap));
  }

  private static ObjectNode system(SystemResult system) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    ObjectNode tasks = json.putObject("tasks");
    for (Task task : system.tasks()) {
      ObjectNode one = tasks.putObject(task.id());
      put(one, "exact", system.exact(task));
      one.put("facts", system.knows(task).value());
    }
    put(json, "mean_exact", system.meanExact());
    system.falseRefusals().ifPresent(refused -> put(json, "false_refusals", refused));
    return json;
  }

  /** A proportion with its interval. */
  public static void put(ObjectNode json, String name, Proportion proportion) {
    ObjectNode value = json.putObject(name);
    value.put("count", proportion.successes()).put("of", proportion.total());
    put(value.put("value", proportion.value()), "interval", proportion.wilson());
  }

  /** An interval as a list of two. */
  static void put(ObjectNode json, String name, Interval interval) {
    json.putArray(name).add(interval.low()).add(interval.high());
  }

  /** A number; JSON has no NaN. */
  static void put(ObjectNode json, String name, double value) {
    if (Double.isFinite(value)) {
      json.put(name, value);
    } else {
      json.putNull(name);
    }
  }
}
