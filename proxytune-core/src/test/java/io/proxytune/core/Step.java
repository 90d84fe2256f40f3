package io.proxytune.core;

import com.google.common.primitives.Ints;
import io.proxytune.model.LogitModel;
import io.proxytune.model.LogitSession;
import io.proxytune.model.Logits;
import io.proxytune.model.Segment;
import io.proxytune.model.Segment.Rows;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * One step of a sequence: a forward pass, or a truncation.
 *
 * @param append the ids to append, null for a truncation
 * @param rows the rows to return, null for a truncation
 * @param truncate the position to go back to, null for a forward pass
 */
record Step(@Nullable List<Integer> append, @Nullable Rows rows, @Nullable Integer truncate) {
  static Step append(Rows rows, int... ids) {
    return new Step(Ints.asList(ids), rows, null);
  }

  static Step truncate(int position) {
    return new Step(null, null, position);
  }

  /** Plays steps on a session of their own, one segment in each pass; gives the rows asked for. */
  static List<float[]> play(LogitModel model, List<Step> steps) {
    List<float[]> rows = new ArrayList<>();
    try (LogitSession session = model.newSession(capacity(steps))) {
      for (Step step : steps) {
        rows.addAll(step.run(session));
      }
    }
    return rows;
  }

  private static int capacity(List<Step> steps) {
    int position = 0;
    int largest = 1;
    for (Step step : steps) {
      position = step.append == null ? step.position() : position + step.append.size();
      largest = Math.max(largest, position);
    }
    return largest;
  }

  private int position() {
    return truncate == null ? 0 : truncate;
  }

  /** Does this step; gives the rows asked for. */
  List<float[]> run(LogitSession session) {
    if (append == null || rows == null) {
      session.truncate(position());
      return List.of();
    }
    Segment segment = new Segment(session, Ints.toArray(append), rows);
    return forward(session.source(), List.of(segment));
  }

  /** One pass; its rows copied to the heap. */
  static List<float[]> forward(LogitModel model, List<Segment> segments) {
    try (Logits logits = model.forward(segments)) {
      return IntStream.range(0, logits.rows()).mapToObj(logits::row).toList();
    }
  }
}
