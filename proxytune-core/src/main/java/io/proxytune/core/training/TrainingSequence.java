package io.proxytune.core.training;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;

/**
 * Token ids to learn from, and which of them carry loss: an id with loss is to be predicted by the
 * row before it. The first id has none before it and never carries loss. A bidirectional model
 * would see an id that it is to predict, unless that is hidden behind a mask. Immutable; safe for
 * use by several threads.
 */
public final class TrainingSequence {
  private final int[] ids;
  private final int[] read;
  private final boolean[] loss;

  private TrainingSequence(int[] ids, int[] read, boolean[] loss) {
    this.ids = ids;
    this.read = read;
    this.loss = loss;
    this.loss[0] = false;
  }

  /**
   * Ids that all carry loss but the first: plain text.
   *
   * @param ids at least 2
   * @return the sequence
   */
  public static TrainingSequence of(int... ids) {
    boolean[] loss = new boolean[ids.length];
    Arrays.fill(loss, true);
    return of(ids, loss);
  }

  /**
   * Ids of which some carry loss.
   *
   * @param ids at least 2
   * @param loss for each id, whether it is to be learnt; at least one behind the first
   * @return the sequence
   */
  public static TrainingSequence of(int[] ids, boolean[] loss) {
    checkArgument(ids.length >= 2, "a training sequence needs at least 2 ids, got %s", ids.length);
    checkArgument(
        ids.length == loss.length, "expected %s loss flags, got %s", ids.length, loss.length);
    for (int id : ids) {
      checkArgument(id >= 0, "a token id must be >= 0, got %s", id);
    }
    int[] own = ids.clone();
    return checked(new TrainingSequence(own, own, loss.clone()));
  }

  /**
   * Ids of which some are hidden, and are what is to be learnt: for masked diffusion.
   *
   * @param ids at least 2
   * @param hidden for each id, whether {@code mask} is read in its place; at least one behind the
   *     first, which never is
   * @param mask the id of the mask
   * @return the sequence
   */
  public static TrainingSequence masked(int[] ids, boolean[] hidden, int mask) {
    checkArgument(mask >= 0, "the id of the mask must be >= 0, got %s", mask);
    checkArgument(hidden.length > 0 && !hidden[0], "the first id can't be hidden");
    TrainingSequence plain = of(ids, hidden);
    int[] read = ids.clone();
    for (int i = 0; i < read.length; i++) {
      read[i] = hidden[i] ? mask : read[i];
    }
    return new TrainingSequence(plain.ids, read, plain.loss);
  }

  /** What was checked in parts; the arrays are the sequence's from now on. */
  static TrainingSequence of(int[] ids, int[] read, boolean[] loss) {
    return checked(new TrainingSequence(ids, read, loss));
  }

  private static TrainingSequence checked(TrainingSequence sequence) {
    checkArgument(sequence.lossCount() > 0, "no id behind the first carries loss");
    return sequence;
  }

  /**
   * How many ids there are.
   *
   * @return at least 2; a model needs one position less, as nothing follows the last id
   */
  public int length() {
    return ids.length;
  }

  /**
   * The id at an index.
   *
   * @param index in {@code [0, length)}
   * @return the id
   */
  public int id(int index) {
    return ids[index];
  }

  /**
   * What a model reads at an index.
   *
   * @param index in {@code [0, length)}
   * @return the id, or that of the mask where it is hidden
   */
  public int read(int index) {
    return read[index];
  }

  /**
   * Whether an id is to be learnt.
   *
   * @param index in {@code [0, length)}
   * @return whether it carries loss; false at 0
   */
  public boolean carriesLoss(int index) {
    return loss[index];
  }

  /**
   * How many ids carry loss.
   *
   * @return at least 1
   */
  public int lossCount() {
    int count = 0;
    for (boolean carries : loss) {
      count += carries ? 1 : 0;
    }
    return count;
  }

  /**
   * All ids.
   *
   * @return a copy
   */
  public int[] ids() {
    return ids.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TrainingSequence that
        && Arrays.equals(ids, that.ids)
        && Arrays.equals(read, that.read)
        && Arrays.equals(loss, that.loss);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * Arrays.hashCode(ids) + Arrays.hashCode(read)) + Arrays.hashCode(loss);
  }

  @Override
  public String toString() {
    return "TrainingSequence[" + ids.length + " ids, " + lossCount() + " with loss]";
  }
}
