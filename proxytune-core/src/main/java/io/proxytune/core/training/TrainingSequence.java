package io.proxytune.core.training;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;

/**
 * Token ids to learn from, and which of them carry loss: an id with loss is to be predicted from
 * the ids before it. The first id has none before it and never carries loss. Immutable; safe for
 * use by several threads.
 */
public final class TrainingSequence {
  private final int[] ids;
  private final boolean[] loss;

  private TrainingSequence(int[] ids, boolean[] loss) {
    this.ids = ids;
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
    TrainingSequence sequence = new TrainingSequence(ids.clone(), loss.clone());
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
        && Arrays.equals(loss, that.loss);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(ids) + Arrays.hashCode(loss);
  }

  @Override
  public String toString() {
    return "TrainingSequence[" + ids.length + " ids, " + lossCount() + " with loss]";
  }
}
