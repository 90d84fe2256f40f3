package io.proxytune.examples.tasks;

import java.util.List;
import java.util.Map;

/**
 * What a system answered to an item: immutable.
 *
 * @param item the item
 * @param samples its texts, at least one
 * @param verdicts those of a judge that came with the texts, by what was asked
 */
public record Answer(TaskItem item, List<Sample> samples, Map<String, Double> verdicts) {
  public Answer {
    samples = List.copyOf(samples);
    verdicts = Map.copyOf(verdicts);
  }

  /** Texts alone. */
  public static Answer of(TaskItem item, List<Sample> samples) {
    return new Answer(item, samples, Map.of());
  }

  /** The only text, or the first. */
  Sample first() {
    return samples.get(0);
  }
}
