package io.proxytune.core.constraint;

import com.google.common.collect.DiscreteDomain;
import com.google.common.collect.ImmutableRangeSet;
import com.google.common.collect.Range;
import com.google.common.collect.TreeRangeSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.IntPredicate;

/**
 * A set of Unicode characters: immutable. Surrogates are none.
 *
 * @param ranges the characters, in ranges as {@link DiscreteDomain#integers()} has them
 */
record CodePoints(ImmutableRangeSet<Integer> ranges) {
  private static final int LAST = Character.MAX_CODE_POINT;

  /** All characters. */
  static final CodePoints ALL =
      new CodePoints(
          ImmutableRangeSet.unionOf(
              List.of(canonical(0, Character.MIN_SURROGATE - 1), canonical(0xE000, LAST))));

  private static Range<Integer> canonical(int first, int last) {
    return Range.closed(first, last).canonical(DiscreteDomain.integers());
  }

  /** No character. */
  static final CodePoints NONE = new CodePoints(ImmutableRangeSet.of());

  /** The characters from one to another. */
  static CodePoints between(int first, int last) {
    return new CodePoints(ImmutableRangeSet.of(canonical(first, last))).and(ALL);
  }

  /** Single characters. */
  static CodePoints of(String characters) {
    TreeRangeSet<Integer> set = TreeRangeSet.create();
    characters.codePoints().forEach(c -> set.add(canonical(c, c)));
    return new CodePoints(ImmutableRangeSet.copyOf(set)).and(ALL);
  }

  /** All characters of which something is true. */
  static CodePoints where(IntPredicate property) {
    TreeRangeSet<Integer> set = TreeRangeSet.create();
    int first = -1;
    for (int c = 0; c <= LAST + 1; c++) {
      boolean has = c <= LAST && property.test(c);
      if (has && first < 0) {
        first = c;
      } else if (!has && first >= 0) {
        set.add(canonical(first, c - 1));
        first = -1;
      }
    }
    return new CodePoints(ImmutableRangeSet.copyOf(set)).and(ALL);
  }

  CodePoints or(CodePoints other) {
    return new CodePoints(ranges.union(other.ranges));
  }

  CodePoints and(CodePoints other) {
    return new CodePoints(ranges.intersection(other.ranges));
  }

  CodePoints minus(CodePoints other) {
    return new CodePoints(ranges.difference(other.ranges));
  }

  CodePoints complement() {
    return ALL.minus(this);
  }

  boolean contains(int character) {
    return ranges.contains(character);
  }

  boolean isEmpty() {
    return ranges.isEmpty();
  }

  /** The only member, if there is exactly one. */
  OptionalInt single() {
    Set<Range<Integer>> all = ranges.asRanges();
    if (all.size() != 1) {
      return OptionalInt.empty();
    }
    Range<Integer> range = all.iterator().next();
    return range.upperEndpoint() - range.lowerEndpoint() == 1
        ? OptionalInt.of(range.lowerEndpoint())
        : OptionalInt.empty();
  }
}
