package io.proxytune.examples.tasks;

import java.util.List;

/**
 * How a benchmark's texts are generated: immutable. Greedy, one text an item, unless changed.
 *
 * @param maxNewTokens the most tokens of a text
 * @param stops what ends it before; not part of it
 * @param samples texts an item
 * @param temperature 0 for greedy
 * @param topP 1 for all tokens
 * @param banned words that are never written, by the tokens that they have at the begin of a text
 * @param top how many of the likeliest first tokens the metric needs; 0 for none
 */
public record Decoding(
    int maxNewTokens,
    List<String> stops,
    int samples,
    double temperature,
    double topP,
    List<String> banned,
    int top) {
  public Decoding {
    stops = List.copyOf(stops);
    banned = List.copyOf(banned);
  }

  static Decoding greedy(int maxNewTokens, String... stops) {
    return new Decoding(maxNewTokens, List.of(stops), 1, 0, 1, List.of(), 0);
  }

  /** The same with another number of tokens. */
  public Decoding withMaxNewTokens(int count) {
    return new Decoding(count, stops, samples, temperature, topP, banned, top);
  }

  /** The same with another number of texts. */
  public Decoding withSamples(int count) {
    return new Decoding(maxNewTokens, stops, count, temperature, topP, banned, top);
  }

  /** The same with the likeliest first tokens. */
  Decoding withTop(int count) {
    return new Decoding(maxNewTokens, stops, samples, temperature, topP, banned, count);
  }
}
