package io.proxytune.core.retokenizing;

import com.google.common.primitives.UnsignedBytes;
import io.proxytune.Tokenizer;
import io.proxytune.core.tokenizer.TokenBytes;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/** The bytes of a model's tokens, in their order, so that they are found by them. Immutable. */
final class ByteVocabulary {
  /** No id. */
  static final int NONE = -1;

  private static final byte[] NO_BYTES = {};
  private static final Comparator<byte[]> ORDER = UnsignedBytes.lexicographicalComparator();

  private final Tokenizer tokenizer;
  private final byte[][] bytesOf;

  /** The ids of tokens with bytes, by these, and then by id. */
  private final int[] sorted;

  /**
   * Reads a vocabulary.
   *
   * @param tokenizer the tokenizer
   * @param width the number of the model's logits; ids at or above it are left out
   * @throws IllegalArgumentException if what its decoder makes of a token depends on others
   */
  ByteVocabulary(Tokenizer tokenizer, int width) {
    this.tokenizer = tokenizer;
    TokenBytes tokens = TokenBytes.of(tokenizer);
    bytesOf = new byte[width][];
    Arrays.setAll(bytesOf, id -> id < tokens.size() ? tokens.bytes(id) : NO_BYTES);
    sorted =
        IntStream.range(0, width)
            .filter(id -> bytesOf[id].length > 0)
            .boxed()
            .sorted(
                Comparator.comparing((Integer id) -> bytesOf[id], ORDER).thenComparing(id -> id))
            .mapToInt(Integer::intValue)
            .toArray();
  }

  Tokenizer tokenizer() {
    return tokenizer;
  }

  int width() {
    return bytesOf.length;
  }

  /** The bytes of a token; none for a special one, and where there is no token. Not changed. */
  byte[] bytes(int id) {
    return bytesOf[id];
  }

  /** The bytes of some tokens behind each other. */
  byte[] bytes(int[] ids, int from, int to) {
    int length = 0;
    for (int i = from; i < to; i++) {
      length += bytesOf[ids[i]].length;
    }
    byte[] all = new byte[length];
    int end = 0;
    for (int i = from; i < to; i++) {
      byte[] own = bytesOf[ids[i]];
      System.arraycopy(own, 0, all, end, own.length);
      end += own.length;
    }
    return all;
  }

  /** Tokens that begin with the same bytes: a part of the order. */
  record Range(int from, int to) {
    boolean isEmpty() {
      return from >= to;
    }
  }

  Range all() {
    return new Range(0, sorted.length);
  }

  /** The id at a place of the order. */
  int id(int place) {
    return sorted[place];
  }

  /** The tokens that begin with some bytes. */
  Range startingWith(byte[] prefix) {
    Range range = all();
    for (int depth = 0; depth < prefix.length && !range.isEmpty(); depth++) {
      range = narrowed(range, depth, prefix[depth]);
    }
    return range;
  }

  private Range narrowed(Range range, int depth, byte next) {
    int value = next & 0xFF;
    return new Range(firstAtLeast(range, depth, value), firstAtLeast(range, depth, value + 1));
  }

  /** Tokens that end before a depth come first. */
  private int firstAtLeast(Range range, int depth, int value) {
    int low = range.from;
    int high = range.to;
    while (low < high) {
      int middle = (low + high) >>> 1;
      byte[] bytes = bytesOf[sorted[middle]];
      int at = bytes.length > depth ? bytes[depth] & 0xFF : -1;
      if (at < value) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** The token of these bytes and no more, the one of the lowest id. */
  int exact(byte[] bytes) {
    Range range = startingWith(bytes);
    return !range.isEmpty() && bytesOf[sorted[range.from]].length == bytes.length
        ? sorted[range.from]
        : NONE;
  }

  /** The longest token that some bytes begin with. */
  int longest(byte[] bytes, int from) {
    int found = NONE;
    Range range = all();
    for (int depth = 0; from + depth < bytes.length && !range.isEmpty(); depth++) {
      range = narrowed(range, depth, bytes[from + depth]);
      if (!range.isEmpty() && bytesOf[sorted[range.from]].length == depth + 1) {
        found = sorted[range.from];
      }
    }
    return found;
  }
}
