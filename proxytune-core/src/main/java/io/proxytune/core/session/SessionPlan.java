package io.proxytune.core.session;

import io.proxytune.Prompt;
import io.proxytune.core.ensemble.Ensemble;
import io.proxytune.core.ensemble.ModelRole;
import io.proxytune.core.ensemble.SteeringPair;
import io.proxytune.core.prefix.PrefixCache;
import io.proxytune.core.prompt.PromptEncoder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Which sessions a sequence needs. Roles with the same model and the same prompt always hold the
 * same tokens, so they share a {@link RoleSession}. Immutable.
 *
 * @param sessions the sessions to open, the base's first
 * @param roles the roles that are run, the base first
 * @param pairs the pairs that add to the logits
 * @param sessionOf the index of each role's session
 * @param prefixes what was read before, where sessions begin
 */
public record SessionPlan(
    List<SessionSpec> sessions,
    List<ModelRole> roles,
    List<SteeringPair> pairs,
    Map<ModelRole, Integer> sessionOf,
    PrefixCache prefixes) {

  /**
   * One session to open.
   *
   * @param role the first role that uses it, for messages
   * @param promptIds what it reads first; not changed by anyone
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by identity of the session only
  public record SessionSpec(ModelRole role, int[] promptIds) {
    boolean serves(ModelRole other, int[] ids) {
      return role.source() == other.source() && Arrays.equals(promptIds, ids);
    }
  }

  public SessionPlan {
    sessions = List.copyOf(sessions);
    roles = List.copyOf(roles);
    pairs = List.copyOf(pairs);
    sessionOf = Map.copyOf(sessionOf);
  }

  /**
   * Plans the sessions of a prompt. A pair with α = 0, or whose models hold the same tokens, adds
   * nothing; it is run only when its log-probabilities are reported, or its expert chooses the
   * tokens that stay.
   *
   * @param ensemble the models
   * @param prompt what they read
   * @param reportRoles whether log-probabilities of each role are reported
   * @return the plan
   */
  public static SessionPlan of(Ensemble ensemble, Prompt prompt, boolean reportRoles) {
    PromptEncoder encoder = new PromptEncoder(ensemble.steered());
    return of(ensemble, role -> encoder.encode(prompt, role), reportRoles);
  }

  /**
   * Plans the sessions of prompts that are ids.
   *
   * @param ensemble the models
   * @param prompts what each role reads
   * @param reportRoles whether log-probabilities of each role are reported
   * @return the plan
   */
  public static SessionPlan of(
      Ensemble ensemble, Function<? super ModelRole, int[]> prompts, boolean reportRoles) {
    Builder plan = new Builder(prompts);
    plan.add(ensemble.base());
    for (SteeringPair pair : ensemble.pairs()) {
      if (pair.alpha() != 0 || reportRoles || ensemble.choosesCandidates(pair)) {
        plan.add(pair, reportRoles, ensemble.choosesCandidates(pair));
      }
    }
    return new SessionPlan(
        plan.sessions, plan.roles, plan.pairs, plan.sessionOf, ensemble.prefixes());
  }

  /** The base in its place. */
  ModelRole base() {
    return roles.get(0);
  }

  /**
   * What the base reads first.
   *
   * @return the ids of its prompt; not changed by anyone
   */
  public int[] basePrompt() {
    return sessions.get(0).promptIds();
  }

  /**
   * The size of the sessions.
   *
   * @param newTokens how many tokens may follow the prompts
   * @return the bytes of their KV caches, as far as the models say
   */
  public long cacheBytes(int newTokens) {
    return sessions.stream()
        .mapToLong(spec -> spec.role().source().sessionBytes(RoleSession.capacity(spec, newTokens)))
        .sum();
  }

  /**
   * The size of the same sessions where they are forks of others that have read the prompts.
   *
   * @param newTokens how many tokens may follow the prompts
   * @return the most bytes that they take beside those others, as far as the models say
   */
  public long forkBytes(int newTokens) {
    return sessions.stream()
        .mapToLong(
            spec ->
                spec.role()
                    .source()
                    .forkBytes(spec.promptIds().length, RoleSession.capacity(spec, newTokens)))
        .sum();
  }

  /** A plan that is being made. */
  private static final class Builder {
    private final Function<? super ModelRole, int[]> prompts;
    private final List<SessionSpec> sessions = new ArrayList<>();
    private final List<ModelRole> roles = new ArrayList<>();
    private final List<SteeringPair> pairs = new ArrayList<>();
    private final Map<ModelRole, Integer> sessionOf = new HashMap<>();

    private Builder(Function<? super ModelRole, int[]> prompts) {
      this.prompts = prompts;
    }

    private void add(ModelRole role) {
      add(role, prompts.apply(role));
    }

    private void add(SteeringPair pair, boolean reportRoles, boolean needed) {
      int[] expertIds = prompts.apply(pair.expert());
      SessionSpec expert = new SessionSpec(pair.expert(), expertIds);
      Optional<int[]> antiExpertIds = pair.antiExpert().map(prompts);
      boolean same =
          antiExpertIds.isPresent()
              && expert.serves(pair.antiExpert().orElseThrow(), antiExpertIds.get());
      if (!same || reportRoles || needed) {
        add(pair.expert(), expertIds);
        antiExpertIds.ifPresent(ids -> add(pair.antiExpert().orElseThrow(), ids));
      }
      if ((!same && pair.alpha() != 0) || needed) {
        pairs.add(pair);
      }
    }

    private void add(ModelRole role, int[] ids) {
      int session = 0;
      while (session < sessions.size() && !sessions.get(session).serves(role, ids)) {
        session++;
      }
      if (session == sessions.size()) {
        sessions.add(new SessionSpec(role, ids));
      }
      roles.add(role);
      sessionOf.put(role, session);
    }
  }
}
