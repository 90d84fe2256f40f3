package io.proxytune.core.training;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.List;

/** Sequences, one behind the other, in rows of a bounded length. */
final class Packing {
  private Packing() {}

  static List<TrainingSequence> pack(List<TrainingSequence> sequences, int positions) {
    List<TrainingSequence> rows = new ArrayList<>();
    List<TrainingSequence> row = new ArrayList<>();
    int length = 0;
    for (TrainingSequence sequence : sequences) {
      checkArgument(
          sequence.length() <= positions + 1,
          "a sequence of %s ids takes %s positions, more than a row's %s",
          sequence.length(),
          sequence.length() - 1,
          positions);
      if (length + sequence.length() > positions + 1) {
        rows.add(join(row, length));
        row.clear();
        length = 0;
      }
      row.add(sequence);
      length += sequence.length();
    }
    rows.add(join(row, length));
    return rows;
  }

  private static TrainingSequence join(List<TrainingSequence> row, int length) {
    int[] ids = new int[length];
    int[] read = new int[length];
    boolean[] loss = new boolean[length];
    int at = 0;
    for (TrainingSequence sequence : row) {
      for (int i = 0; i < sequence.length(); i++, at++) {
        ids[at] = sequence.id(i);
        read[at] = sequence.read(i);
        loss[at] = sequence.carriesLoss(i);
      }
    }
    return TrainingSequence.of(ids, read, loss);
  }
}
