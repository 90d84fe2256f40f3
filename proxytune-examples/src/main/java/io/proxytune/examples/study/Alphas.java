package io.proxytune.examples.study;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.examples.report.Figures;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleFunction;

/** Chooses a strength on the development set. For one thread. */
final class Alphas {
  private final Laboratory lab;
  private final List<Double> values;

  /**
   * A choice between strengths.
   *
   * @param values at least one
   */
  Alphas(Laboratory lab, List<Double> values) {
    this.lab = lab;
    this.values = List.copyOf(values);
  }

  /**
   * What was chosen.
   *
   * @param systems from a strength to a system
   * @param scores mean exact match on the development set by strength
   * @param alpha the best of them
   */
  record Choice(DoubleFunction<Mix> systems, Map<Double, Double> scores, double alpha) {
    Mix best() {
      return at(alpha);
    }

    Mix at(double strength) {
      return systems.apply(strength);
    }

    ObjectNode json() {
      ObjectNode json = JsonNodeFactory.instance.objectNode();
      scores.forEach((of, score) -> json.put(Figures.parameter(of), score));
      return json;
    }
  }

  /** The greatest mean exact match. */
  Choice choose(DoubleFunction<Mix> systems) {
    Map<Double, Double> scores = new LinkedHashMap<>();
    if (values.size() == 1) {
      return new Choice(systems, scores, values.get(0));
    }
    for (double alpha : values) {
      scores.put(alpha, lab.marks(systems.apply(alpha), Use.DEV).meanExact());
    }
    double best = best(scores);
    return new Choice(systems, scores, best);
  }

  /** The strength of the greatest score; ties go to the one nearest 1, then to the smaller. */
  static double best(Map<Double, Double> scores) {
    return scores.keySet().stream()
        .min(
            Comparator.comparingDouble((Double it) -> -scores.getOrDefault(it, 0.0))
                .thenComparingDouble(it -> Math.abs(it - 1))
                .thenComparingDouble(it -> it))
        .orElseThrow();
  }
}
