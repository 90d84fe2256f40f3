package io.proxytune.bench;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.function.IntUnaryOperator;

/**
 * A dimension of a widened tensor, and where its elements stood before; immutable.
 *
 * @param size the number of elements
 * @param sourceOf the index that an element had before widening, {@link #ADDED} for a new one
 */
record Axis(int size, IntUnaryOperator sourceOf) {
  /** In place of an index: the element is new. */
  static final int ADDED = -1;

  /** What was there comes first. */
  static Axis grown(int from, int to) {
    checkArgument(to >= from, "widening can't shrink %s elements to %s", from, to);
    return new Axis(to, i -> i < from ? i : ADDED);
  }

  /**
   * Query heads: those of a key head stand side by side, and stay with it.
   *
   * @param headDim the width of a head
   * @param fromKvHeads the key heads before
   * @param fromGroup the query heads of each key head before
   * @param toKvHeads the key heads after
   * @param toGroup the query heads of each key head after
   */
  static Axis heads(int headDim, int fromKvHeads, int fromGroup, int toKvHeads, int toGroup) {
    checkArgument(
        toKvHeads >= fromKvHeads && toGroup >= fromGroup,
        "widening can't shrink %s key heads with %s query heads each to %s with %s",
        fromKvHeads,
        fromGroup,
        toKvHeads,
        toGroup);
    return new Axis(
        toKvHeads * toGroup * headDim,
        i -> {
          int head = i / headDim;
          int kvHead = head / toGroup;
          int inGroup = head % toGroup;
          return kvHead < fromKvHeads && inGroup < fromGroup
              ? (kvHead * fromGroup + inGroup) * headDim + i % headDim
              : ADDED;
        });
  }

  int source(int index) {
    return sourceOf.applyAsInt(index);
  }
}
