package io.proxytune.core.ensemble;

import io.proxytune.core.sampling.IdRange;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What is added to the base, in its place: an expert pair, or an expert alone.
 *
 * @param expert the tuned model
 * @param antiExpert the untuned one, if anything is subtracted
 * @param alpha the strength, finite
 * @param sharedIds the ids that the base and its models all have
 * @param endOfTextIds the ids that end a text for the model that is steered towards and mean the
 *     same token to the base
 */
public record SteeringPair(
    ModelRole expert,
    Optional<ModelRole> antiExpert,
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
    return Stream.concat(Stream.of(expert), antiExpert.stream());
  }
}
