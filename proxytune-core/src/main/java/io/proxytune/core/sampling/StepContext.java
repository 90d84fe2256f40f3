package io.proxytune.core.sampling;

import static com.google.common.base.Preconditions.checkArgument;

import io.proxytune.SamplingContext;
import java.util.List;

/**
 * What an application's processor or sampler sees of a step. Immutable.
 *
 * @param seed the request's seed
 * @param position the position of the token to pick
 * @param promptIds the base model's prompt
 * @param generatedIds what was generated before
 */
public record StepContext(
    long seed, int position, List<Integer> promptIds, List<Integer> generatedIds)
    implements SamplingContext {

  /**
   * The next step of a sequence.
   *
   * @param seed the request's seed
   * @param history its tokens
   * @return the context
   */
  public static StepContext of(long seed, TokenHistory history) {
    return new StepContext(seed, history.position(), history.promptIds(), history.generatedIds());
  }

  @Override
  public double gumbel(int id) {
    checkArgument(id >= 0, "a token id must be >= 0, got %s", id);
    return Noise.gumbel(seed, position, id);
  }
}
