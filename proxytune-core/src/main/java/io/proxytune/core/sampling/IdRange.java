package io.proxytune.core.sampling;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.BitSet;
import java.util.Objects;

/**
 * A set of token ids: those below {@code end} but for the holes. Most vocabularies have no holes,
 * and then a set is a prefix of a row. Immutable; safe for use by several threads.
 */
public final class IdRange {
  private final int end;
  private final BitSet holes;

  private IdRange(int end, BitSet holes) {
    this.end = end;
    this.holes = holes;
  }

  /**
   * The ids from 0 to {@code end − 1}.
   *
   * @param end at least 0
   * @return the set
   */
  public static IdRange below(int end) {
    checkArgument(end >= 0, "end must be >= 0, got %s", end);
    return new IdRange(end, new BitSet());
  }

  /**
   * The ids of a bit set.
   *
   * @param ids the ids; copied
   * @return the set
   */
  public static IdRange of(BitSet ids) {
    BitSet holes = new BitSet();
    holes.set(0, ids.length());
    holes.andNot(ids);
    return new IdRange(ids.length(), holes);
  }

  /**
   * One more than the largest id.
   *
   * @return the end, 0 for an empty set
   */
  public int end() {
    return end;
  }

  /**
   * Whether every id below {@link #end()} is in the set.
   *
   * @return whether there are no holes
   */
  public boolean isPrefix() {
    return holes.isEmpty();
  }

  /**
   * The ids below {@link #end()} that are not in the set.
   *
   * @return the holes in ascending order
   */
  public int[] holes() {
    return holes.stream().toArray();
  }

  /**
   * Whether an id is in the set.
   *
   * @param id an id
   * @return whether it is
   */
  public boolean contains(int id) {
    return id >= 0 && id < end && !holes.get(id);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof IdRange range && end == range.end && holes.equals(range.holes);
  }

  @Override
  public int hashCode() {
    return Objects.hash(end, holes);
  }

  @Override
  public String toString() {
    return "ids below " + end + (isPrefix() ? "" : " but for " + holes.cardinality());
  }
}
