package io.proxytune.examples.search;

import static com.google.common.base.Preconditions.checkState;

import io.proxytune.examples.statistics.MeanScore;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** All scores that were asked for; none is asked for twice. For one thread. */
final class Ledger {
  private final StrengthMeasure measure;
  private final Map<Strengths, Map<Integer, Double>> scores = new HashMap<>();
  private long calls;

  Ledger(StrengthMeasure measure) {
    this.measure = measure;
  }

  /** The scores of items, asked for now where they are not known. */
  List<Double> scores(Strengths strengths, List<Integer> items) {
    Map<Integer, Double> known = scores.computeIfAbsent(strengths, it -> new HashMap<>());
    List<Integer> missing = items.stream().filter(item -> !known.containsKey(item)).toList();
    if (!missing.isEmpty()) {
      List<Double> asked = measure.scores(strengths, missing);
      checkState(
          asked.size() == missing.size()
              && asked.stream().allMatch(score -> score >= 0 && score <= 1),
          "a measure must give a score from 0 to 1 for each of %s items, got %s",
          missing.size(),
          asked);
      for (int i = 0; i < missing.size(); i++) {
        known.put(missing.get(i), asked.get(i));
      }
      calls += missing.size();
    }
    return items.stream().map(known::get).toList();
  }

  MeanScore mean(Strengths strengths, List<Integer> items) {
    return MeanScore.of(scores(strengths, items));
  }

  long calls() {
    return calls;
  }
}
