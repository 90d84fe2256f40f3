package io.proxytune.core.ensemble;

import io.proxytune.core.sampling.IdRange;
import java.util.Set;
import java.util.stream.Stream;

/**
 * An expert pair in its place.
 *
 * @param expert the tuned model
 * @param antiExpert the untuned one
 * @param alpha the strength, finite
 * @param sharedIds the ids that base, expert and anti-expert all have
 * @param endOfTextIds the ids that end a text for the model that is steered towards and mean the
 *     same token to the base
 */
public record SteeringPair(
    ModelRole expert,
    ModelRole antiExpert,
    double alpha,
    IdRange sharedIds,
    Set<Integer> endOfTextIds) {
  /**
   * The pair's place among the pairs.
   *
   * @return its index, at least 0
   */
  public int index() {
    return expert.pair();
  }

  /**
   * The pair's models.
   *
   * @return the expert, then the anti-expert
   */
  public Stream<ModelRole> roles() {
    return Stream.of(expert, antiExpert);
  }
}
