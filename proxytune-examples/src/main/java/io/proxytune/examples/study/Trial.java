package io.proxytune.examples.study;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A small model and the base learn the same subject; the small one then steers the base as it was.
 * For one thread.
 */
final class Trial {
  private final Laboratory lab;
  private final Examination examination;
  private final Made.Schooled expert;
  private final Made.Schooled direct;

  /**
   * How long the two learn.
   *
   * @param expert steps of the small model
   * @param direct steps of the base
   */
  record Steps(int expert, int direct) {}

  /** A trial in which both learn from the same. */
  Trial(Laboratory lab, Subject subject, long seed, Steps steps, Examination examination) {
    this(lab, subject, subject, seed, steps, examination);
  }

  /** A trial in which the base learns from something else than the small model. */
  Trial(
      Laboratory lab,
      Subject subject,
      Subject ofDirect,
      long seed,
      Steps steps,
      Examination examination) {
    this.lab = lab;
    this.examination = examination;
    this.expert = new Made.Schooled(Made.Shipped.SMALL, subject, seed, lab.steps(steps.expert()));
    this.direct = new Made.Schooled(Made.Shipped.BASE, ofDirect, seed, lab.steps(steps.direct()));
  }

  private Trial(
      Laboratory lab, Examination examination, Made.Schooled expert, Made.Schooled direct) {
    this.lab = lab;
    this.examination = examination;
    this.expert = expert;
    this.direct = direct;
  }

  /** The same trial with the yardstick of another one. */
  Trial withDirectOf(Trial other) {
    return new Trial(lab, examination, expert, other.direct);
  }

  /** The base as the expert steers it against its origin, at α = 1. */
  Mix steered() {
    return Mix.of(Made.Shipped.BASE, Pull.of(expert, Made.Shipped.SMALL, 1));
  }

  Mix direct() {
    return Mix.alone(direct);
  }

  /** All that came of it. */
  ObjectNode row() {
    ObjectNode row = JsonNodeFactory.instance.objectNode().put("seed", expert.seed());
    Map<String, List<ItemScores>> systems = new LinkedHashMap<>();
    systems.put("base", scores(Mix.alone(Made.Shipped.BASE)));
    systems.put("expert", scores(Mix.alone(expert)));
    systems.put("steered", scores(steered()));
    systems.put("direct", scores(direct()));
    systems.forEach((name, scores) -> put(row.putObject(name), scores));
    ObjectNode gaps = row.putObject("gap");
    for (int i = 0; i < examination.metrics().size(); i++) {
      ItemScores steered = get(systems, "steered", i);
      gaps.set(
          examination.metrics().get(i),
          steered.gap(get(systems, "base", i), get(systems, "direct", i)));
    }
    return row;
  }

  private static ItemScores get(Map<String, List<ItemScores>> systems, String name, int metric) {
    return systems.getOrDefault(name, List.of()).get(metric);
  }

  private void put(ObjectNode json, List<ItemScores> scores) {
    for (int i = 0; i < scores.size(); i++) {
      ObjectNode metric = json.putObject(examination.metrics().get(i));
      metric.put("mean", scores.get(i).mean());
      for (String kind : scores.get(i).kinds().keySet()) {
        metric.put(kind, scores.get(i).only(kind).mean());
      }
    }
  }

  /** In the order of the metrics. */
  private List<ItemScores> scores(Mix mix) {
    boolean templated =
        mix.pulls().isEmpty() ? mix.base().isTuned() : mix.pulls().get(0).expert().isTuned();
    String what =
        "%s of seed %s: %s".formatted(expert.subject().id(), expert.seed(), examination.settings());
    ObjectNode part =
        lab.part(
            mix,
            what,
            tuner -> {
              ObjectNode json = JsonNodeFactory.instance.objectNode();
              examination
                  .scores(tuner, templated)
                  .forEach((metric, scores) -> json.set(metric, scores.json()));
              return json;
            });
    return examination.metrics().stream().map(it -> ItemScores.of(part.path(it))).toList();
  }
}
