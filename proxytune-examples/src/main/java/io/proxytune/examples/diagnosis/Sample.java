package io.proxytune.examples.diagnosis;

import io.proxytune.Generation;
import java.util.List;

/**
 * A steered text beside the base's own: immutable.
 *
 * @param steered with traces and log-probabilities with alternatives
 * @param alone what the base alone wrote after the same tokens
 * @param wanted what would have come first at each place of the steered text if every token were a
 *     candidate; empty where every token is one
 */
public record Sample(Generation steered, Generation alone, List<Wanted> wanted) {
  public Sample {
    wanted = List.copyOf(wanted);
  }

  /**
   * A token that all models together put first.
   *
   * @param id its id
   * @param token how the base's vocabulary spells it
   */
  public record Wanted(int id, String token) {}

  /** Texts for which every token was a candidate. */
  static Sample of(Generation steered, Generation alone) {
    return new Sample(steered, alone, List.of());
  }
}
