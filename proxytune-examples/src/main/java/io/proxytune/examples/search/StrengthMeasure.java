package io.proxytune.examples.search;

import java.util.List;

/** Scores strengths on items: what a search maximizes, and all that it knows. */
@FunctionalInterface
public interface StrengthMeasure {
  /**
   * Scores one vector of strengths; a score is a call.
   *
   * @param items indices of items, from 0, each once
   * @return a score from 0 to 1 for each, in their order
   */
  List<Double> scores(Strengths strengths, List<Integer> items);
}
