package io.proxytune.core.decode;

import io.proxytune.TokenLogprobs.Alternative;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Log-probabilities of a row, straight from the definition. */
final class Distributions {
  private Distributions() {}

  static double logprob(float[] row, int id) {
    double sum = 0;
    for (float logit : row) {
      sum += Math.exp(logit);
    }
    return row[id] - Math.log(sum);
  }

  static List<Alternative> top(float[] row, int count) {
    return IntStream.range(0, row.length)
        .mapToObj(id -> new Alternative(id, logprob(row, id)))
        .sorted(Comparator.comparingDouble(Alternative::logprob).reversed())
        .limit(count)
        .toList();
  }
}
