package io.proxytune.examples.experiments;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What expert and anti-expert differ by at one place, token by token. Adding the same to every
 * logit changes nothing, so the difference is shown without its mean. Immutable.
 */
final class Offset {
  private final double[] values;

  /**
   * One token.
   *
   * @param value how much its logit is raised, less the mean of all tokens
   */
  record Shift(int id, double value) {}

  private Offset(double[] values) {
    this.values = values;
  }

  /** Expert minus anti-expert, over the ids that both have. */
  static Offset between(float[] expert, float[] antiExpert) {
    double[] values = new double[Math.min(expert.length, antiExpert.length)];
    Arrays.setAll(values, id -> expert[id] - antiExpert[id]);
    double mean = Arrays.stream(values).average().orElse(0);
    Arrays.setAll(values, id -> values[id] - mean);
    return new Offset(values);
  }

  /** The tokens raised most, most first. */
  List<Shift> raised(int count) {
    return sorted(Comparator.comparingDouble(id -> -values[id]), count);
  }

  /** The tokens lowered most, most first. */
  List<Shift> lowered(int count) {
    return sorted(Comparator.comparingDouble(id -> values[id]), count);
  }

  private List<Shift> sorted(Comparator<Integer> order, int count) {
    return IntStream.range(0, values.length)
        .boxed()
        .sorted(order)
        .limit(count)
        .map(id -> new Shift(id, values[id]))
        .toList();
  }
}
