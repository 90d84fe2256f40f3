package io.proxytune.examples.tasks;

import java.util.List;
import java.util.Optional;

/**
 * A text that answers an item: immutable.
 *
 * @param text the text
 * @param top the likeliest first tokens, likeliest first; empty where nobody asked
 * @param published what somebody else read out of the text, to be compared with
 */
public record Sample(String text, List<Candidate> top, Optional<String> published) {
  /**
   * A token that the answer may begin with.
   *
   * @param token its text
   * @param logprob its log-probability among those that were allowed
   */
  public record Candidate(String token, double logprob) {}

  public Sample {
    top = List.copyOf(top);
  }

  /** A text alone. */
  public static Sample of(String text) {
    return new Sample(text, List.of(), Optional.empty());
  }

  /** A text with what was read out of it. */
  static Sample read(String text, Optional<String> published) {
    return new Sample(text, List.of(), published);
  }
}
