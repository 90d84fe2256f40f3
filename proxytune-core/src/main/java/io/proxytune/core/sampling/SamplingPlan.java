package io.proxytune.core.sampling;

import static com.google.common.base.Preconditions.checkArgument;

import io.proxytune.LogitsProcessor;
import io.proxytune.Penalties;
import io.proxytune.Sampler;
import io.proxytune.TokenConstraints;
import io.proxytune.core.constraint.ConstraintState;
import io.proxytune.core.constraint.VocabularyConstraint;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How the tokens of one sequence are picked; immutable.
 *
 * @param sampler the last stage
 * @param seed the seed of the noise
 * @param penalties for tokens that occurred
 * @param logitBias added to single logits
 * @param bannedIds never picked
 * @param processors the application's edits
 * @param minNewTokens until so many tokens are generated, {@code endIds} are banned
 * @param endIds the ids that would end the text
 * @param constraints which tokens may, or must, stand where
 * @param maxNewTokens the most tokens that are generated
 * @param constraint the form that the text must have; null for any
 */
public record SamplingPlan(
    Sampler sampler,
    long seed,
    Penalties penalties,
    Map<Integer, Double> logitBias,
    Set<Integer> bannedIds,
    List<LogitsProcessor> processors,
    int minNewTokens,
    Set<Integer> endIds,
    TokenConstraints constraints,
    int maxNewTokens,
    @Nullable VocabularyConstraint constraint) {
  public SamplingPlan {
    logitBias = Map.copyOf(logitBias);
    bannedIds = Set.copyOf(bannedIds);
    processors = List.copyOf(processors);
    checkArgument(minNewTokens >= 0, "minNewTokens must be >= 0, got %s", minNewTokens);
    endIds = Set.copyOf(endIds);
    checkArgument(maxNewTokens >= 1, "maxNewTokens must be >= 1, got %s", maxNewTokens);
  }

  /**
   * Begins to follow the constraint.
   *
   * @return where its text is, or null where there is none
   */
  public @Nullable ConstraintState beginConstraint() {
    return constraint == null ? null : constraint.begin();
  }
}
