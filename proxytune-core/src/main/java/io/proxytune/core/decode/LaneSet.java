package io.proxytune.core.decode;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** The open lanes of one sequence. For one thread at a time. */
final class LaneSet implements AutoCloseable {
  private final LanePlan plan;
  private final List<Lane> lanes;
  private int[] draft = new int[0];
  private int kept;

  private LaneSet(LanePlan plan, List<Lane> lanes) {
    this.plan = plan;
    this.lanes = lanes;
  }

  /** Opens sessions with room for the prompt and some new tokens. */
  static LaneSet open(LanePlan plan, int newTokens) {
    LaneSet set = new LaneSet(plan, new ArrayList<>());
    set.fill(plan.lanes().stream().map(spec -> () -> Lane.open(spec, newTokens)));
    return set;
  }

  /** The same tokens in sessions of their own. */
  LaneSet fork() {
    LaneSet set = new LaneSet(plan, new ArrayList<>());
    set.fill(lanes.stream().map(lane -> lane::fork));
    return set;
  }

  private void fill(Stream<Supplier<Lane>> makers) {
    try {
      makers.forEach(maker -> lanes.add(maker.get()));
    } catch (RuntimeException | Error e) {
      Closing.quietly(e, this);
      throw e;
    }
  }

  LanePlan plan() {
    return plan;
  }

  List<Lane> lanes() {
    return lanes;
  }

  Lane lane(ModelRole role) {
    Integer lane = requireNonNull(plan.laneOf().get(role), "a role that is not run");
    return lanes.get(lane);
  }

  /** How many tokens can be drafted. */
  int room() {
    return lanes.stream().mapToInt(Lane::room).min().orElse(0);
  }

  /** Whether every model has this id, and so reads it as it is. */
  boolean allHave(int id) {
    return lanes.stream().allMatch(lane -> id < lane.source().width());
  }

  /**
   * Gives every model a draft to read in the next pass.
   *
   * @param ids ids that every model has, at most {@link #room()}; they begin with what a lane was
   *     given before
   */
  void draft(int[] ids) {
    lanes.forEach(lane -> lane.draft(ids));
    draft = ids;
    kept = 0;
  }

  /**
   * Gives every model a picked token to read, or where it is the next one of the draft, lets them
   * keep what they have read. Any other token ends the draft, which is forgotten.
   *
   * @return false, with nothing given to any, if a model's context is full
   */
  boolean append(int id, ModelRole base) {
    if (kept < draft.length && draft[kept] == id) {
      kept++;
      lanes.forEach(Lane::keepDrafted);
      return true;
    }
    draft = new int[0];
    kept = 0;
    List<int[]> spelled = lanes.stream().map(lane -> lane.spell(id, base)).toList();
    for (int i = 0; i < lanes.size(); i++) {
      if (!lanes.get(i).hasRoomFor(spelled.get(i))) {
        return false;
      }
    }
    for (int i = 0; i < lanes.size(); i++) {
      lanes.get(i).append(spelled.get(i));
    }
    return true;
  }

  @Override
  public void close() {
    Closing.all(lanes);
  }
}
