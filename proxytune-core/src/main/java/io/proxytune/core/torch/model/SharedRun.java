package io.proxytune.core.torch.model;

import java.util.ArrayList;
import java.util.List;

/**
 * Rows of a pass whose sequences read the same part of memory: it is read once for all. Lives for
 * one pass.
 *
 * @param part what they read
 * @param row the first row
 * @param count the number of rows
 */
record SharedRun(KvMemory part, int row, int count) {
  /**
   * The runs of spans of which those that share lie side by side, the first parts before others.
   */
  static List<SharedRun> of(List<Span> spans) {
    int most = spans.stream().mapToInt(span -> span.cache().parts().size()).max().orElse(0);
    List<SharedRun> runs = new ArrayList<>();
    for (int depth = 0; depth < most; depth++) {
      int first = runs.size();
      for (Span span : spans) {
        List<KvMemory> parts = span.cache().parts();
        if (depth < parts.size()) {
          append(runs, first, new SharedRun(parts.get(depth), span.row(), span.count()));
        }
      }
    }
    return runs;
  }

  private static void append(List<SharedRun> runs, int first, SharedRun next) {
    int last = runs.size() - 1;
    if (last >= first && runs.get(last).isContinuedBy(next)) {
      SharedRun before = runs.get(last);
      runs.set(last, new SharedRun(before.part, before.row, before.count + next.count));
    } else {
      runs.add(next);
    }
  }

  private boolean isContinuedBy(SharedRun next) {
    return row + count == next.row && part.isSame(next.part);
  }

  /** Puts sequences that share a first part side by side, those that share nothing first. */
  static List<Integer> sideBySide(List<Integer> segments, List<TorchSession> sessions) {
    if (segments.stream().allMatch(i -> sessions.get(i).cache().parts().isEmpty())) {
      return segments;
    }
    return sideBySide(segments, sessions, 0);
  }

  private static List<Integer> sideBySide(
      List<Integer> segments, List<TorchSession> sessions, int depth) {
    List<Integer> ordered = new ArrayList<>();
    List<List<Integer>> groups = new ArrayList<>();
    for (int segment : segments) {
      List<KvMemory> parts = sessions.get(segment).cache().parts();
      if (parts.size() == depth) {
        ordered.add(segment);
      } else {
        group(parts.get(depth), groups, sessions, depth).add(segment);
      }
    }
    groups.forEach(group -> ordered.addAll(sideBySide(group, sessions, depth + 1)));
    return ordered;
  }

  private static List<Integer> group(
      KvMemory part, List<List<Integer>> groups, List<TorchSession> sessions, int depth) {
    for (List<Integer> group : groups) {
      if (sessions.get(group.get(0)).cache().parts().get(depth).isSame(part)) {
        return group;
      }
    }
    List<Integer> group = new ArrayList<>();
    groups.add(group);
    return group;
  }
}
