package io.proxytune.core.sampling;

import io.proxytune.LogitsProcessor;
import io.proxytune.Penalties;
import io.proxytune.Sampler;
import io.proxytune.TokenConstraints;
import io.proxytune.core.constraint.VocabularyConstraint;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Plans that say only what a test is about. */
public final class PlanBuilder {
  private final Sampler sampler;
  private long seed = 1;
  private Penalties penalties = Penalties.NONE;
  private Map<Integer, Double> bias = Map.of();
  private Set<Integer> banned = Set.of();
  private List<LogitsProcessor> processors = List.of();
  private int minNewTokens;
  private Set<Integer> endIds = Set.of();
  private TokenConstraints constraints = TokenConstraints.NONE;
  private @Nullable VocabularyConstraint constraint;
  private int maxNewTokens = Integer.MAX_VALUE;

  private PlanBuilder(Sampler sampler) {
    this.sampler = sampler;
  }

  public static PlanBuilder of(Sampler sampler) {
    return new PlanBuilder(sampler);
  }

  public static PlanBuilder greedy() {
    return of(Sampler.greedy());
  }

  public PlanBuilder seed(long seed) {
    this.seed = seed;
    return this;
  }

  public PlanBuilder penalties(Penalties penalties) {
    this.penalties = penalties;
    return this;
  }

  public PlanBuilder bias(Map<Integer, Double> bias) {
    this.bias = bias;
    return this;
  }

  public PlanBuilder banned(Set<Integer> banned) {
    this.banned = banned;
    return this;
  }

  public PlanBuilder processors(LogitsProcessor... processors) {
    this.processors = List.of(processors);
    return this;
  }

  public PlanBuilder minNewTokens(int minNewTokens, Set<Integer> endIds) {
    this.minNewTokens = minNewTokens;
    this.endIds = endIds;
    return this;
  }

  public PlanBuilder constraints(TokenConstraints constraints) {
    this.constraints = constraints;
    return this;
  }

  public PlanBuilder maxNewTokens(int maxNewTokens) {
    this.maxNewTokens = maxNewTokens;
    return this;
  }

  public PlanBuilder constraint(VocabularyConstraint constraint) {
    this.constraint = constraint;
    return this;
  }

  public SamplingPlan build() {
    return new SamplingPlan(
        sampler,
        seed,
        penalties,
        bias,
        banned,
        processors,
        minNewTokens,
        endIds,
        constraints,
        maxNewTokens,
        constraint);
  }
}
