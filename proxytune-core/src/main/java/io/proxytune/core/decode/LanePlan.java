package io.proxytune.core.decode;

import io.proxytune.Prompt;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Which sessions a sequence needs. Roles with the same model and the same prompt always hold the
 * same tokens, so they share a {@link Lane}. Immutable.
 *
 * @param lanes the sessions to open, the base's first
 * @param roles the roles that are run, the base first
 * @param pairs the pairs that add to the logits
 * @param laneOf the index of each role's lane
 */
record LanePlan(
    List<LaneSpec> lanes,
    List<ModelRole> roles,
    List<SteeringPair> pairs,
    Map<ModelRole, Integer> laneOf) {

  /**
   * One session to open.
   *
   * @param role the first role that uses it, for messages
   * @param promptIds what it reads first; not changed by anyone
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by identity of the lane only
  record LaneSpec(ModelRole role, int[] promptIds) {
    boolean serves(ModelRole other, int[] ids) {
      return role.source() == other.source() && Arrays.equals(promptIds, ids);
    }
  }

  LanePlan {
    lanes = List.copyOf(lanes);
    roles = List.copyOf(roles);
    pairs = List.copyOf(pairs);
    laneOf = Map.copyOf(laneOf);
  }

  /**
   * Plans the sessions of a prompt. A pair with α = 0, or whose models hold the same tokens, adds
   * nothing; it is run only when its log-probabilities are reported.
   */
  static LanePlan of(Ensemble ensemble, Prompt prompt, boolean reportRoles) {
    PromptEncoder encoder = new PromptEncoder(ensemble.steered());
    return of(ensemble, role -> encoder.encode(prompt, role), reportRoles);
  }

  /**
   * Plans the sessions of prompts that are ids.
   *
   * @param prompts what each role reads
   */
  static LanePlan of(
      Ensemble ensemble, Function<? super ModelRole, int[]> prompts, boolean reportRoles) {
    Draft draft = new Draft(prompts);
    draft.add(ensemble.base());
    for (SteeringPair pair : ensemble.pairs()) {
      if (pair.alpha() != 0 || reportRoles) {
        draft.add(pair, reportRoles);
      }
    }
    return new LanePlan(draft.lanes, draft.roles, draft.pairs, draft.laneOf);
  }

  /** The base's prompt. */
  int[] basePrompt() {
    return lanes.get(0).promptIds();
  }

  /** A plan that is being made. */
  private static final class Draft {
    private final Function<? super ModelRole, int[]> prompts;
    private final List<LaneSpec> lanes = new ArrayList<>();
    private final List<ModelRole> roles = new ArrayList<>();
    private final List<SteeringPair> pairs = new ArrayList<>();
    private final Map<ModelRole, Integer> laneOf = new HashMap<>();

    private Draft(Function<? super ModelRole, int[]> prompts) {
      this.prompts = prompts;
    }

    private void add(ModelRole role) {
      add(role, prompts.apply(role));
    }

    private void add(SteeringPair pair, boolean reportRoles) {
      int[] expertIds = prompts.apply(pair.expert());
      int[] antiExpertIds = prompts.apply(pair.antiExpert());
      boolean same =
          new LaneSpec(pair.expert(), expertIds).serves(pair.antiExpert(), antiExpertIds);
      if (!same || reportRoles) {
        add(pair.expert(), expertIds);
        add(pair.antiExpert(), antiExpertIds);
      }
      if (!same && pair.alpha() != 0) {
        pairs.add(pair);
      }
    }

    private void add(ModelRole role, int[] ids) {
      int lane = 0;
      while (lane < lanes.size() && !lanes.get(lane).serves(role, ids)) {
        lane++;
      }
      if (lane == lanes.size()) {
        lanes.add(new LaneSpec(role, ids));
      }
      roles.add(role);
      laneOf.put(role, lane);
    }
  }
}
