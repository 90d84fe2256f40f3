package io.proxytune.core.decode;

import com.google.common.collect.Sets;
import io.proxytune.FinishReason;
import io.proxytune.GenerationOptions;
import io.proxytune.core.sampling.SamplingPlan;
import java.util.Optional;
import java.util.Set;

/**
 * What one sequence is to be.
 *
 * @param base the base model
 * @param plan its sessions and prompts
 * @param options what the application asked for
 * @param seed the seed of its noise
 * @param control what can end it from outside
 */
record SequenceRequest(
    ModelRole base, LanePlan plan, GenerationOptions options, long seed, RequestControl control) {

  /** Whether this id ends the text. */
  Optional<FinishReason> endBy(int id) {
    if (endOfTextIds().contains(id)) {
      return Optional.of(FinishReason.END_OF_TEXT);
    }
    return options.stopIds().contains(id) ? Optional.of(FinishReason.STOP_ID) : Optional.empty();
  }

  SamplingPlan samplingPlan() {
    return new SamplingPlan(
        options.sampler(),
        seed,
        options.penalties(),
        options.logitBias(),
        options.bannedIds(),
        options.processors(),
        options.minNewTokens(),
        Sets.union(endOfTextIds(), options.stopIds()));
  }

  private Set<Integer> endOfTextIds() {
    return options.ignoreEndOfText() ? Set.of() : base.source().endOfTextIds();
  }
}
