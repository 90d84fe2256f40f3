package io.proxytune.core.fit;

import java.util.Map;
import java.util.stream.IntStream;

/**
 * Three models of a report that can be used together: immutable.
 *
 * @param base the index of the model that is steered
 * @param expert the index of the tuned model
 * @param antiExpert the index of the same model untuned
 * @param certain whether the files say which of the small models is tuned; otherwise it is the one
 *     that was named first
 * @param contextLength how many tokens a text may have with its prompt: the shortest context
 * @param memory what their weights take together, in bytes, by format as in {@link
 *     ModelFacts#memory()}; an adapter shares its model's
 * @param cacheBytesPerToken what their KV caches take together, in bytes a token
 */
public record FitTrio(
    int base,
    int expert,
    int antiExpert,
    boolean certain,
    int contextLength,
    Map<String, Long> memory,
    long cacheBytesPerToken) {
  /**
   * The three.
   *
   * @return base, expert, anti-expert
   */
  IntStream indices() {
    return IntStream.of(base, expert, antiExpert);
  }
}
