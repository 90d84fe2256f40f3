package io.proxytune.core.constraint;

import java.util.Arrays;
import java.util.BitSet;
import java.util.Set;

/**
 * The tokens that may come next: immutable. It lists those that may, or those that may not,
 * whichever are fewer.
 */
public final class TokenMask {
  private final int[] ids;
  private final boolean listsAllowed;

  private TokenMask(int[] ids, boolean listsAllowed) {
    this.ids = ids;
    this.listsAllowed = listsAllowed;
  }

  /** A mask of the ids below a width. */
  static TokenMask of(BitSet allowed, int width) {
    if (allowed.cardinality() <= width / 2) {
      return new TokenMask(allowed.stream().toArray(), true);
    }
    BitSet banned = (BitSet) allowed.clone();
    banned.flip(0, width);
    return new TokenMask(banned.stream().toArray(), false);
  }

  /**
   * What {@link #ids} are.
   *
   * @return whether they are all that may come next; else they are all that may not
   */
  public boolean listsAllowed() {
    return listsAllowed;
  }

  /**
   * The ids that are listed, ascending.
   *
   * @return the ids; not to be changed
   */
  public int[] ids() {
    return ids;
  }

  /**
   * Whether a token may come next.
   *
   * @param id a token id
   * @return whether it may
   */
  public boolean allows(int id) {
    return Arrays.binarySearch(ids, id) >= 0 == listsAllowed;
  }

  /**
   * Whether nothing but these may come next.
   *
   * @param others ids
   * @return whether every id that may come next is one of them
   */
  public boolean allowsOnly(Set<Integer> others) {
    return listsAllowed && Arrays.stream(ids).allMatch(others::contains);
  }

  /**
   * Takes all others out of a row of logits.
   *
   * @param row the logits; those of ids that may not come next become −∞
   */
  public void apply(float[] row) {
    if (!listsAllowed) {
      for (int id : ids) {
        if (id < row.length) {
          row[id] = Float.NEGATIVE_INFINITY;
        }
      }
      return;
    }
    int next = 0;
    for (int id : ids) {
      int end = Math.min(id, row.length);
      if (next < end) {
        Arrays.fill(row, next, end, Float.NEGATIVE_INFINITY);
      }
      next = id + 1;
    }
    if (next < row.length) {
      Arrays.fill(row, next, row.length, Float.NEGATIVE_INFINITY);
    }
  }
}
