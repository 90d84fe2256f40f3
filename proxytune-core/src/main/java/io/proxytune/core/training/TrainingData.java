package io.proxytune.core.training;

import static com.google.common.base.Preconditions.checkArgument;

import io.proxytune.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * What to learn, and what to measure learning by: immutable. Each sequence is a row of its own,
 * padded behind its end where others are longer; padding neither carries loss nor is it seen.
 *
 * @param sequences what to learn from; not empty
 * @param heldOut what the held-out loss is taken over, never learnt from; may be empty
 */
public record TrainingData(List<TrainingSequence> sequences, List<TrainingSequence> heldOut) {
  public TrainingData {
    sequences = List.copyOf(sequences);
    heldOut = List.copyOf(heldOut);
    checkArgument(!sequences.isEmpty(), "training data needs at least one sequence, got none");
  }

  /**
   * Data without held-out sequences.
   *
   * @param sequences what to learn from; not empty
   * @return the data
   */
  public static TrainingData of(List<TrainingSequence> sequences) {
    return new TrainingData(sequences, List.of());
  }

  /**
   * Raw text for pretraining: each document is {@code before}, its ids and {@code after}; these
   * follow one another in one stream, which is cut into rows of equal length. A row begins with the
   * id that the row before it ended with, so that every id but the stream's first is learnt once. A
   * document may be cut, and sees what stands before it in its row.
   *
   * @param documents the texts
   * @param tokenizer their tokenizer; its own special tokens are not added
   * @param before ids in front of each document, such as BOS; may be empty
   * @param after ids behind each document, such as EOS; may be empty
   * @param positions how many positions of the model a row takes, commonly its context length; the
   *     last row may take fewer
   * @return the data
   */
  public static TrainingData ofTexts(
      List<String> documents, Tokenizer tokenizer, int[] before, int[] after, int positions) {
    IntStream stream =
        documents.stream()
            .flatMapToInt(
                text ->
                    IntStream.concat(
                        IntStream.of(before),
                        IntStream.concat(
                            IntStream.of(tokenizer.encode(text, false)), IntStream.of(after))));
    return ofStream(stream.toArray(), positions);
  }

  /**
   * One stream of ids, cut into rows as {@link #ofTexts} does.
   *
   * @param ids at least 2
   * @param positions how many positions a row takes, at least 1
   * @return the data
   */
  public static TrainingData ofStream(int[] ids, int positions) {
    checkArgument(ids.length >= 2, "a stream needs at least 2 ids, got %s", ids.length);
    checkArgument(positions >= 1, "positions must be >= 1, got %s", positions);
    List<TrainingSequence> rows = new ArrayList<>();
    for (int from = 0; from < ids.length - 1; from += positions) {
      int length = Math.min(positions + 1, ids.length - from);
      rows.add(TrainingSequence.of(Arrays.copyOfRange(ids, from, from + length)));
    }
    return of(rows);
  }

  /**
   * Puts several sequences into a row, in order, as long as they fit: fewer, fuller rows, so that a
   * step learns from more examples. A sequence sees those before it in its row.
   *
   * @param positions how many positions a row may take, at least what the longest sequence takes
   * @return data whose rows hold the same sequences; the held-out ones stay as they are
   */
  public TrainingData packed(int positions) {
    return new TrainingData(Packing.pack(sequences, positions), heldOut);
  }

  /**
   * Measures the held-out loss over other data.
   *
   * @param sequences the held-out sequences
   * @return changed data
   */
  public TrainingData withHeldOut(List<TrainingSequence> sequences) {
    return new TrainingData(this.sequences, sequences);
  }

  /**
   * Takes a share of the sequences out, to measure the held-out loss by.
   *
   * @param share above 0 and below 1; at least one sequence is taken and one stays
   * @param seed which ones are taken
   * @return changed data
   */
  public TrainingData holdOut(double share, long seed) {
    checkArgument(share > 0 && share < 1, "share must be in (0, 1), got %s", share);
    checkArgument(sequences.size() >= 2, "holding out needs at least 2 sequences, got 1");
    List<TrainingSequence> shuffled = new ArrayList<>(sequences);
    Collections.shuffle(shuffled, new Random(seed));
    int count = (int) Math.max(1, Math.min(sequences.size() - 1, sequences.size() * share));
    return new TrainingData(shuffled.subList(count, shuffled.size()), shuffled.subList(0, count));
  }

  /**
   * How many ids are learnt in an epoch.
   *
   * @return the ids that carry loss
   */
  public long lossTokens() {
    return sequences.stream().mapToLong(TrainingSequence::lossCount).sum();
  }
}
