package io.proxytune.core.decode;

import io.proxytune.core.sampling.IdRange;
import java.util.stream.Stream;

/**
 * An expert pair in its place.
 *
 * @param expert the tuned model
 * @param antiExpert the untuned one
 * @param alpha the strength, finite
 * @param sharedIds the ids that base, expert and anti-expert all have
 */
record SteeringPair(ModelRole expert, ModelRole antiExpert, double alpha, IdRange sharedIds) {
  int index() {
    return expert.pair();
  }

  Stream<ModelRole> roles() {
    return Stream.of(expert, antiExpert);
  }
}
