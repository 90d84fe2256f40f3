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

  /**
   * Gives every model a picked token to read.
   *
   * @return false, with nothing given to any, if a model's context is full
   */
  boolean append(int id, ModelRole base) {
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
