package io.proxytune.core.constraint;

import com.google.common.collect.Range;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** The UTF-8 of ranges of characters, as sequences of ranges of bytes. */
final class Utf8Ranges {
  /** The last characters that take one byte, two, three and four. */
  private static final int[] LAST_OF_LENGTH = {0x7F, 0x7FF, 0xFFFF, 0x10FFFF};

  private static final int CONTINUATION_BITS = 6;
  private static final int CONTINUATION_MASK = (1 << CONTINUATION_BITS) - 1;

  private final List<List<Bytes>> sequences = new ArrayList<>();

  private Utf8Ranges() {}

  /**
   * A byte that lies between two others.
   *
   * @param low the first, from 0 to 255
   * @param high the last
   */
  record Bytes(int low, int high) {}

  /**
   * The bytes of a set of characters.
   *
   * @return sequences of ranges: each character is spelled by exactly one of them
   */
  static List<List<Bytes>> of(CodePoints characters) {
    Utf8Ranges found = new Utf8Ranges();
    for (Range<Integer> range : characters.ranges().asRanges()) {
      found.addByLength(range.lowerEndpoint(), range.upperEndpoint() - 1);
    }
    return found.sequences;
  }

  /**
   * The characters that can't be written byte by byte. A vocabulary without a token for each letter
   * is one of words, in which that says nothing of ASCII.
   *
   * @param bytes those that there are
   * @return those of ASCII that are missing; all whose first byte is missing; all beyond ASCII
   *     where another is
   */
  static CodePoints missing(BitSet bytes) {
    boolean hasLetters = bytes.nextClearBit('a') > 'z';
    CodePoints missing = hasLetters ? missing(bytes, 1) : CodePoints.NONE;
    if (bytes.nextClearBit(0x80) < 0xC0) {
      return missing.or(CodePoints.between(0x80, Character.MAX_CODE_POINT));
    }
    for (int length = 2; length <= LAST_OF_LENGTH.length; length++) {
      missing = missing.or(missing(bytes, length));
    }
    return missing;
  }

  /** The characters of so many bytes whose first one is missing. */
  private static CodePoints missing(BitSet bytes, int length) {
    int low = length == 1 ? 0 : LAST_OF_LENGTH[length - 2] + 1;
    int last = LAST_OF_LENGTH[length - 1];
    CodePoints missing = CodePoints.NONE;
    while (low <= last) {
      int bits = CONTINUATION_BITS * (length - 1);
      int high = Math.min(low | ((1 << bits) - 1), last);
      if (!bytes.get(byteOf(low, 0, length))) {
        missing = missing.or(CodePoints.between(low, high));
      }
      low = high + 1;
    }
    return missing;
  }

  private void addByLength(int low, int high) {
    int first = low;
    for (int length = 1; length <= LAST_OF_LENGTH.length; length++) {
      int last = Math.min(high, LAST_OF_LENGTH[length - 1]);
      if (first <= last) {
        addAligned(first, last, length);
        first = last + 1;
      }
    }
  }

  /** Splits a range until all but its first bytes are either one or all. */
  private void addAligned(int low, int high, int length) {
    for (int bytes = 1; bytes < length; bytes++) {
      int mask = (1 << (CONTINUATION_BITS * bytes)) - 1;
      if ((low & ~mask) != (high & ~mask)) {
        if ((low & mask) != 0) {
          addAligned(low, low | mask, length);
          addAligned((low | mask) + 1, high, length);
          return;
        }
        if ((high & mask) != mask) {
          addAligned(low, (high & ~mask) - 1, length);
          addAligned(high & ~mask, high, length);
          return;
        }
      }
    }
    List<Bytes> sequence = new ArrayList<>();
    for (int i = 0; i < length; i++) {
      sequence.add(new Bytes(byteOf(low, i, length), byteOf(high, i, length)));
    }
    sequences.add(sequence);
  }

  private static int byteOf(int character, int index, int length) {
    int shifted = character >> (CONTINUATION_BITS * (length - 1 - index));
    if (index > 0) {
      return 0x80 | (shifted & CONTINUATION_MASK);
    }
    return length == 1 ? shifted : ((0xF00 >> length) & 0xFF) | shifted;
  }
}
