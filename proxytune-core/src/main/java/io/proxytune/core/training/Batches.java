package io.proxytune.core.training;

import io.proxytune.core.torch.training.TokenBatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Random;

/** Which rows each step takes: what a seed makes of the data, epoch by epoch. Immutable. */
final class Batches {
  /** Rows are padded to multiples of this: LibTorch prepares each shape once, which takes time. */
  private static final int BLOCK = 16;

  private final List<TrainingSequence> sequences;
  private final int tokensPerStep;
  private final int contextLength;
  private final long seed;

  Batches(List<TrainingSequence> sequences, int tokensPerStep, int contextLength, long seed) {
    this.sequences = sequences;
    this.tokensPerStep = tokensPerStep;
    this.contextLength = contextLength;
    this.seed = seed;
  }

  /** How many steps an amount of epochs takes. */
  int steps(double epochs) {
    double steps = 0;
    for (int epoch = 0; epoch < epochs; epoch++) {
      steps += epoch(epoch).size() * Math.min(1, epochs - epoch);
    }
    return (int) Math.max(1, Math.min(Integer.MAX_VALUE, Math.round(steps)));
  }

  /** The batches from a step on, without end. */
  Iterator<TokenBatch> from(int step) {
    return new Iterator<>() {
      private int epoch = 0;
      private Iterator<List<TrainingSequence>> rows = epoch(0).iterator();
      private int skip = step;

      @Override
      public boolean hasNext() {
        return true;
      }

      @Override
      public TokenBatch next() {
        while (skip > 0) {
          skip--;
          nextRows();
        }
        return pad(nextRows());
      }

      private List<TrainingSequence> nextRows() {
        if (!rows.hasNext()) {
          rows = epoch(++epoch).iterator();
        }
        return rows.next();
      }
    };
  }

  /** All rows in their own order. */
  List<TokenBatch> inOrder() {
    return group(sequences).stream().map(this::pad).toList();
  }

  private List<List<TrainingSequence>> epoch(int epoch) {
    List<TrainingSequence> shuffled = new ArrayList<>(sequences);
    Collections.shuffle(shuffled, new Random(seed * 1_000_003 + epoch));
    return group(shuffled);
  }

  private List<List<TrainingSequence>> group(List<TrainingSequence> ordered) {
    List<List<TrainingSequence>> groups = new ArrayList<>();
    List<TrainingSequence> group = new ArrayList<>();
    int length = 0;
    for (TrainingSequence sequence : ordered) {
      int longer = Math.max(length, padded(sequence.length() - 1));
      if (!group.isEmpty() && (long) longer * (group.size() + 1) > tokensPerStep) {
        groups.add(group);
        group = new ArrayList<>();
        longer = padded(sequence.length() - 1);
      }
      group.add(sequence);
      length = longer;
    }
    groups.add(group);
    return groups;
  }

  private int padded(int positions) {
    return Math.min(contextLength, (positions + BLOCK - 1) / BLOCK * BLOCK);
  }

  private TokenBatch pad(List<TrainingSequence> rows) {
    int length = rows.stream().mapToInt(row -> padded(row.length() - 1)).max().orElseThrow();
    long[] inputs = new long[rows.size() * length];
    long[] targets = new long[inputs.length];
    Arrays.fill(targets, TokenBatch.IGNORED);
    long loss = 0;
    for (int r = 0; r < rows.size(); r++) {
      TrainingSequence row = rows.get(r);
      for (int i = 0; i < row.length() - 1; i++) {
        inputs[r * length + i] = row.read(i);
        targets[r * length + i] = row.carriesLoss(i + 1) ? row.id(i + 1) : TokenBatch.IGNORED;
      }
      loss += row.lossCount();
    }
    long positions = rows.stream().mapToLong(row -> row.length() - 1L).sum();
    return new TokenBatch(rows.size(), length, inputs, targets, loss, positions);
  }
}
