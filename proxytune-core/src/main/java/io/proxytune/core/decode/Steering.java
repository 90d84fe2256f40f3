package io.proxytune.core.decode;

import io.proxytune.Speculation;
import io.proxytune.core.ensemble.Ensemble;
import io.proxytune.core.ensemble.ModelRole;
import io.proxytune.core.ensemble.SteeringPair;
import io.proxytune.core.sampling.LogitMath;
import io.proxytune.core.session.ModelPass;
import io.proxytune.core.session.RoleLogits;
import io.proxytune.core.session.RoleSessions;
import io.proxytune.core.session.RowFusion;
import io.proxytune.core.session.SessionPlan;
import io.proxytune.core.speculation.AdaptivePolicy;
import io.proxytune.core.speculation.SharedSpeculator;
import io.proxytune.core.speculation.Speculator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;

/**
 * What texts have in common whose logits are fused together: a tuner's models, which of them run,
 * and the pairs that add to the logits. Compared by identity. Safe for use by several threads.
 */
final class Steering {
  private final Tuning tuning;
  private final List<ModelRole> roles;
  private final List<SteeringPair> pairs;
  private final List<Double> alphas;
  private final RowFusion fusion;
  private final Steering unasked;
  private final Map<Speculation, SharedSpeculator> speculators = new ConcurrentHashMap<>();

  /**
   * What all texts of a tuner have in common.
   *
   * @param learned what speculation has learnt from texts that ended
   */
  record Tuning(
      Ensemble ensemble,
      LogitMath math,
      LongSupplier clock,
      AtomicReference<AdaptivePolicy> learned) {}

  Steering(Tuning tuning, List<ModelRole> roles, List<SteeringPair> pairs) {
    this(tuning, roles, pairs, pairs.stream().map(SteeringPair::alpha).toList());
  }

  private Steering(
      Tuning tuning, List<ModelRole> roles, List<SteeringPair> pairs, List<Double> alphas) {
    this.tuning = tuning;
    this.roles = roles;
    this.pairs = pairs;
    this.alphas = alphas;
    this.fusion = new RowFusion(tuning.math, tuning.ensemble, pairs);
    this.unasked =
        roles.size() == 1 ? this : new Steering(tuning, roles.subList(0, 1), List.of(), alphas);
  }

  /** Two plans with equal keys are steered alike. */
  static Object key(SessionPlan plan) {
    return List.of(plan.roles(), plan.pairs().stream().map(SteeringPair::index).toList());
  }

  LogitMath math() {
    return tuning.math;
  }

  /** The models that run, the base first. */
  List<ModelRole> roles() {
    return roles;
  }

  ModelRole base() {
    return tuning.ensemble.base();
  }

  /** The strengths of the pairs that add to the logits where they are asked. */
  List<Double> alphas() {
    return alphas;
  }

  /** Whether rows of some models have to be translated, for which these may run again. */
  boolean isAcrossTokenizers() {
    return roles.size() > 1 && tuning.ensemble.isAcrossTokenizers();
  }

  /** The same for tokens at which the base decides alone, and no other model is asked. */
  Steering unasked() {
    return unasked;
  }

  SharedSpeculator speculator(Speculation asked) {
    return speculators.computeIfAbsent(
        asked, a -> new SharedSpeculator(() -> newSpeculator(asked)));
  }

  private Speculator newSpeculator(Speculation asked) {
    return Speculator.of(
        tuning.ensemble, tuning.math, roles, pairs, asked, tuning.clock, tuning.learned);
  }

  /** The last rows of some sequences in a pass. */
  RoleLogits rows(ModelPass pass, List<RoleSessions> sequences, int[] counts) {
    return RoleLogits.of(tuning.math, pass, roles, sequences, counts);
  }

  /** How rows are fused: {@code base + Σ α · (expert − anti-expert)}, or as the tuner is told. */
  RowFusion fusion() {
    return fusion;
  }
}
