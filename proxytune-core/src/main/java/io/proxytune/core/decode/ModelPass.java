package io.proxytune.core.decode;

import io.proxytune.LogitSource;
import io.proxytune.Logits;
import io.proxytune.ModelException;
import io.proxytune.Segment;
import io.proxytune.Segment.Rows;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One forward call of each model, adapters beside it included, over the unread tokens of its lanes.
 * For one thread at a time.
 */
final class ModelPass implements AutoCloseable {
  private final List<Logits> outputs = new ArrayList<>();
  private final Map<Lane, LaneRows> byLane = new HashMap<>();

  private ModelPass() {}

  /**
   * Runs the models one after the other.
   *
   * @param lanes the lanes, each with unread tokens, none twice
   * @param chunk the most tokens of a lane to read
   * @param rows which rows to return
   * @return their logits; the caller closes them
   */
  static ModelPass run(Collection<Lane> lanes, int chunk, Rows rows) {
    ModelPass pass = new ModelPass();
    try {
      byHost(lanes).forEach(group -> pass.runModel(group, chunk, rows));
      return pass;
    } catch (RuntimeException | Error e) {
      Closing.quietly(e, pass);
      throw e;
    }
  }

  private static Collection<List<Lane>> byHost(Collection<Lane> lanes) {
    Map<Identity, List<Lane>> groups = new LinkedHashMap<>();
    for (Lane lane : lanes) {
      groups.computeIfAbsent(new Identity(lane.source().host()), s -> new ArrayList<>()).add(lane);
    }
    return groups.values();
  }

  /** A key that keeps an application's own {@code equals} out of it. */
  private record Identity(LogitSource source) {
    @Override
    public boolean equals(Object other) {
      return other instanceof Identity identity && identity.source == source;
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(source);
    }
  }

  private void runModel(List<Lane> lanes, int chunk, Rows rows) {
    List<Segment> segments = lanes.stream().map(lane -> lane.next(chunk, rows)).toList();
    Logits output = lanes.get(0).source().host().forward(segments);
    outputs.add(output);
    int row = 0;
    for (int i = 0; i < lanes.size(); i++) {
      int count = segments.get(i).rowCount();
      byLane.put(lanes.get(i), new LaneRows(output, range(row, count)));
      row += count;
    }
    checkShape(output, row, lanes.get(0).role());
  }

  private static int[] range(int start, int count) {
    int[] rows = new int[count];
    for (int i = 0; i < count; i++) {
      rows[i] = start + i;
    }
    return rows;
  }

  private static void checkShape(Logits output, int rows, ModelRole role) {
    if (output.rows() != rows || output.width() != role.source().width()) {
      throw new ModelException(
          String.format(
              "the %s returned logits [%d, %d], expected [%d, %d]",
              role.describe(), output.rows(), output.width(), rows, role.source().width()));
    }
  }

  /** A lane's rows. */
  LaneRows of(Lane lane) {
    LaneRows rows = byLane.get(lane);
    if (rows == null) {
      throw new AssertionError("a lane that was not in this pass");
    }
    return rows;
  }

  @Override
  public void close() {
    Closing.all(outputs);
  }

  /**
   * Where a lane's rows are.
   *
   * @param output all rows of the pass of the lane's model
   * @param rows which of them are the lane's
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record LaneRows(Logits output, int[] rows) {}
}
