package io.proxytune.core.decode;

import io.proxytune.Logits;
import io.proxytune.core.sampling.LogitMath;
import io.proxytune.core.sampling.Offset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The logits of each role for the same rows: row i of every role belongs to the same token to come.
 */
final class RoleLogits implements AutoCloseable {
  private final LogitMath math;
  private final Map<ModelRole, Logits> byRole = new LinkedHashMap<>();
  private final List<Logits> selected = new ArrayList<>();

  private RoleLogits(LogitMath math) {
    this.math = math;
  }

  /**
   * Sorts a pass's rows by role.
   *
   * @param pass the pass; it stays open as long as the result is used
   * @param sequences whose rows, in this order; all with the same roles
   */
  static RoleLogits of(LogitMath math, ModelPass pass, List<LaneSet> sequences) {
    RoleLogits logits = new RoleLogits(math);
    try {
      for (ModelRole role : sequences.get(0).plan().roles()) {
        logits.add(role, pass, sequences.stream().map(s -> s.lane(role)).toList());
      }
      return logits;
    } catch (RuntimeException | Error e) {
      Closing.quietly(e, logits);
      throw e;
    }
  }

  /** Where a role has its model to itself, its rows are the pass's as they are. */
  private void add(ModelRole role, ModelPass pass, List<Lane> lanes) {
    Logits output = pass.of(lanes.get(0)).output();
    int[] rows = lanes.stream().flatMapToInt(lane -> Arrays.stream(pass.of(lane).rows())).toArray();
    if (Arrays.equals(rows, IntStream.range(0, output.rows()).toArray())) {
      byRole.put(role, output);
    } else {
      Logits own = math.select(output, rows);
      selected.add(own);
      byRole.put(role, own);
    }
  }

  Logits of(ModelRole role) {
    Logits logits = byRole.get(role);
    if (logits == null) {
      throw new AssertionError("the " + role.describe() + " was not run");
    }
    return logits;
  }

  /** {@code base + Σ α · (expert − anti-expert)}; the caller closes it. */
  Logits fuse(Ensemble ensemble, List<SteeringPair> pairs) {
    List<Offset> offsets =
        pairs.stream()
            .map(p -> new Offset(of(p.expert()), of(p.antiExpert()), p.alpha(), p.sharedIds()))
            .toList();
    return math.fuse(of(ensemble.base()), offsets, ensemble.emittable());
  }

  @Override
  public void close() {
    Closing.all(selected);
  }
}
