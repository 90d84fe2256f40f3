package io.proxytune.examples.study;

import io.proxytune.core.training.TrainingData;
import io.proxytune.core.training.TrainingSequence;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * What a masked diffusion model learns from: rows of which some ids are hidden. Its bound on the
 * likelihood draws the share t of hidden ids evenly and weighs their loss by 1/t (arXiv
 * 2406.07524); here n of the ids are hidden with a probability that falls as 1/n, and all losses
 * weigh the same, which is the same expectation but for a factor. For one thread.
 */
final class MaskedRows {
  private final int positions;
  private final int end;
  private final int mask;
  private final Random random;

  /**
   * A maker of rows.
   *
   * @param positions of the model, which every row fills
   * @param end the id that ends a text, and fills what is behind
   * @param mask the id that hides others
   */
  MaskedRows(int positions, int end, int mask, long seed) {
    this.positions = positions;
    this.end = end;
    this.mask = mask;
    this.random = new Random(seed);
  }

  /** So many rows of plain text, any of whose ids may be hidden but the first. */
  TrainingData ofText(List<TrainingSequence> rows, int count) {
    return repeated(rows.stream().filter(row -> row.length() == positions + 1).toList(), count);
  }

  /** So many rows of a chat each, whose prompts are never hidden. */
  TrainingData ofChats(List<TrainingSequence> chats, int count) {
    return repeated(chats, count);
  }

  private TrainingData repeated(List<TrainingSequence> rows, int count) {
    List<TrainingSequence> order = new ArrayList<>(rows);
    List<TrainingSequence> masked = new ArrayList<>();
    while (masked.size() < count) {
      Collections.shuffle(order, random);
      order.stream().limit(count - masked.size()).map(this::masked).forEach(masked::add);
    }
    return TrainingData.of(masked);
  }

  private TrainingSequence masked(TrainingSequence row) {
    int[] ids = Arrays.copyOf(row.ids(), positions + 1);
    Arrays.fill(ids, Math.min(row.length(), ids.length), ids.length, end);
    int first = IntStream.range(0, row.length()).filter(row::carriesLoss).findFirst().orElseThrow();
    List<Integer> places = new ArrayList<>(IntStream.range(first, ids.length).boxed().toList());
    Collections.shuffle(places, random);
    boolean[] hidden = new boolean[ids.length];
    places.stream().limit(count(places.size())).forEach(place -> hidden[place] = true);
    return TrainingSequence.masked(ids, hidden, mask);
  }

  /** From 1 to {@code most}, n with a probability in proportion to 1/n. */
  private int count(int most) {
    double all = IntStream.rangeClosed(1, most).mapToDouble(n -> 1.0 / n).sum();
    double left = random.nextDouble() * all;
    int count = 1;
    while (count < most && left >= 1.0 / count) {
      left -= 1.0 / count;
      count++;
    }
    return count;
  }
}
