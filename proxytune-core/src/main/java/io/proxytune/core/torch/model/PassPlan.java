package io.proxytune.core.torch.model;

import io.proxytune.model.Segment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Where the tokens of a pass lie in its batch: segments in their own order, but those of an adapter
 * side by side, so that it takes part in one piece of each product, and those of sequences that
 * share memory, so that it is read once. Lives for one pass.
 */
final class PassPlan {
  private final List<Segment> segments;
  private final List<TorchSession> sessions;
  private final int[] order;
  private final int[] firstRows; // of each segment
  private final int tokens;

  /** Makes room for the tokens in the sessions' caches, on the thread that computes. */
  PassPlan(List<Segment> segments, List<TorchSession> sessions) {
    for (int i = 0; i < sessions.size(); i++) {
      TorchSession session = sessions.get(i);
      session.cache().prepare(session.position(), segments.get(i).tokens().length);
    }
    this.segments = segments;
    this.sessions = sessions;
    this.order = order(sessions);
    this.firstRows = new int[order.length];
    int row = 0;
    for (int segment : order) {
      firstRows[segment] = row;
      row += segments.get(segment).tokens().length;
    }
    this.tokens = row;
  }

  /** The pass is over: gives back the room that it took beyond what caches keep. */
  void shrinkCaches() {
    for (int i = 0; i < sessions.size(); i++) {
      TorchSession session = sessions.get(i);
      session.cache().shrink(session.position() + segments.get(i).tokens().length);
    }
  }

  /** The model's own sessions first, then adapter by adapter as they come. */
  private static int[] order(List<TorchSession> sessions) {
    Map<@Nullable AdapterWeights, List<Integer>> groups = new LinkedHashMap<>();
    groups.put(null, new ArrayList<>());
    for (int i = 0; i < sessions.size(); i++) {
      groups.computeIfAbsent(sessions.get(i).adapter(), a -> new ArrayList<>()).add(i);
    }
    return groups.values().stream()
        .flatMap(group -> SharedRun.sideBySide(group, sessions).stream())
        .mapToInt(i -> i)
        .toArray();
  }

  int tokens() {
    return tokens;
  }

  /** The ids of all tokens, row by row. */
  long[] ids() {
    return IntStream.of(order)
        .flatMap(segment -> IntStream.of(segments.get(segment).tokens()))
        .asLongStream()
        .toArray();
  }

  /** The position of each token in its sequence, row by row. */
  long[] positions() {
    LongStream.Builder positions = LongStream.builder();
    for (Span span : spans()) {
      LongStream.range(span.position(), span.end()).forEach(positions::add);
    }
    return positions.build().toArray();
  }

  /** The segments' places, row by row. */
  List<Span> spans() {
    List<Span> spans = new ArrayList<>();
    for (int segment : order) {
      TorchSession session = sessions.get(segment);
      int count = segments.get(segment).tokens().length;
      spans.add(new Span(session.cache(), firstRows[segment], count, session.position()));
    }
    return spans;
  }

  /** The rows that adapters take part in. */
  List<AdapterRows> adapterRows() {
    List<AdapterRows> rows = new ArrayList<>();
    for (int segment : order) {
      int count = segments.get(segment).tokens().length;
      AdapterRows.append(rows, sessions.get(segment).adapter(), firstRows[segment], count);
    }
    return rows;
  }

  /** The rows whose logits are asked for, segment by segment. */
  long[] wantedRows() {
    LongStream.Builder rows = LongStream.builder();
    for (int i = 0; i < segments.size(); i++) {
      int end = firstRows[i] + segments.get(i).tokens().length;
      for (int row = end - segments.get(i).rowCount(); row < end; row++) {
        rows.add(row);
      }
    }
    return rows.build().toArray();
  }

  /** The same as {@link #adapterRows()}, counted among the {@link #wantedRows()}. */
  List<AdapterRows> wantedAdapterRows() {
    List<AdapterRows> rows = new ArrayList<>();
    int row = 0;
    for (int i = 0; i < segments.size(); i++) {
      int count = segments.get(i).rowCount();
      AdapterRows.append(rows, sessions.get(i).adapter(), row, count);
      row += count;
    }
    return rows;
  }

  /** Whether the wanted rows are all rows in their order. */
  static boolean isEveryRow(long[] wanted, int tokens) {
    return wanted.length == tokens && IntStream.range(0, tokens).allMatch(i -> wanted[i] == i);
  }
}
