package io.proxytune.examples.evaluation;

import io.proxytune.examples.statistics.Interval;
import io.proxytune.examples.statistics.Proportion;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * All systems on one set: immutable.
 *
 * @param set the name of the set
 * @param alpha the strength of the proxy-tuned systems
 * @param systems the marks of each
 */
public record EvaluationResult(String set, double alpha, List<SystemResult> systems) {
  public EvaluationResult {
    systems = List.copyOf(systems);
  }

  /** The tasks that were put. */
  public Set<Task> tasks() {
    return systems.get(0).tasks();
  }

  /** One system's marks, if it took part. */
  public Optional<SystemResult> system(SystemId id) {
    return systems.stream().filter(system -> system.id() == id).findFirst();
  }

  SystemResult require(SystemId id) {
    return system(id).orElseThrow(() -> new IllegalStateException(id + " did not take part"));
  }

  /** The gap that a proxy-tuned system closes between the base and the directly tuned one. */
  public GapClosed gapClosed(SystemId proxy) {
    return GapClosed.of(require(SystemId.BASE), require(proxy), require(SystemId.DIRECT));
  }

  /** Proxy-tuned minus expert on one task. */
  record Gain(Task task, double difference, Interval interval) {}

  /** What proxy-tuning adds to the expert alone, on the tasks that need the base's knowledge. */
  List<Gain> gainsOverExpert() {
    return tasks().stream().filter(Task::isKnowledge).map(this::gain).toList();
  }

  private Gain gain(Task task) {
    Proportion proxy = require(SystemId.PROXY).exact(task);
    Proportion expert = require(SystemId.EXPERT).exact(task);
    return new Gain(task, proxy.value() - expert.value(), proxy.minus(expert));
  }
}
