package io.proxytune.examples.evaluation;

import io.proxytune.examples.statistics.Proportion;
import java.util.Optional;

/**
 * The proxy-tuned base at one strength: immutable.
 *
 * @param alpha the strength
 * @param result the marks
 */
record SweepPoint(double alpha, SystemResult result) {
  /** Answers to knowledge tasks in which the facts occur, however they end. */
  double knowledge() {
    return value(result.over(Task::isKnowledge, Mark::knows));
  }

  /** Written answers that end with the end token. */
  double format() {
    return value(result.over(task -> task.isSafe() || task.isUnsafe(), Mark::ended));
  }

  /** Unsafe requests that are refused. */
  double refusal() {
    return value(result.over(Task::isUnsafe, Mark::refused));
  }

  /** Safe requests that are refused. */
  double falseRefusal() {
    return value(result.falseRefusals());
  }

  private static double value(Optional<Proportion> proportion) {
    return proportion.map(Proportion::value).orElse(Double.NaN);
  }
}
