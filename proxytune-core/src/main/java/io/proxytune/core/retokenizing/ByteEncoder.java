package io.proxytune.core.retokenizing;

import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import com.google.common.primitives.Ints;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Encodes bytes that stand within a text, as the tokenizer does with the text: many tokenizers put
 * a space before what they encode alone. Where it can't, as where a character is not complete, the
 * longest token follows the longest. Safe for use by several threads.
 */
final class ByteEncoder {
  /** Texts that stand before the bytes in turn, which should not join with one of them. */
  private static final List<String> ANCHORS = List.of("\n", ".", "a", "0");

  private static final int CONTINUATION = 0b1000_0000;
  private static final int CONTINUATION_MASK = 0b1100_0000;
  private static final int LONGEST_CHARACTER = 4;

  /** Expert and anti-expert ask the same, and the next step begins with what this one looked up. */
  private static final int KEPT = 1 << 10;

  private final ByteVocabulary vocabulary;
  private final Cache<ByteBuffer, int[]> kept =
      CacheBuilder.newBuilder().concurrencyLevel(1).maximumSize(KEPT).build();

  ByteEncoder(ByteVocabulary vocabulary) {
    this.vocabulary = vocabulary;
  }

  /**
   * Encodes bytes.
   *
   * @return tokens whose bytes these begin with: all of them, as far as the vocabulary spells them;
   *     not changed by anyone
   */
  int[] encode(byte[] bytes) {
    ByteBuffer key = ByteBuffer.wrap(bytes);
    int[] known = kept.getIfPresent(key);
    if (known == null) {
      known = encodeAnew(bytes);
      kept.put(key, known);
    }
    return known;
  }

  /** The same for what is asked once. */
  int[] encodeAnew(byte[] bytes) {
    int whole = bytes.length - incomplete(bytes);
    int[] start = whole == 0 ? new int[0] : encodeWhole(Arrays.copyOf(bytes, whole));
    boolean isAll = length(start) == whole;
    return isAll && whole < bytes.length
        ? Ints.concat(start, longest(Arrays.copyOfRange(bytes, whole, bytes.length)))
        : start;
  }

  private int length(int[] ids) {
    return vocabulary.bytes(ids, 0, ids.length).length;
  }

  /** How many bytes at the end begin a character that is not complete. */
  static int incomplete(byte[] bytes) {
    for (int back = 1; back < LONGEST_CHARACTER && back <= bytes.length; back++) {
      int b = bytes[bytes.length - back] & 0xFF;
      if ((b & CONTINUATION_MASK) != CONTINUATION) {
        int length = b < CONTINUATION ? 1 : Integer.numberOfLeadingZeros(~(b << 24));
        return length > back && length <= LONGEST_CHARACTER ? back : 0;
      }
    }
    return 0;
  }

  private int[] encodeWhole(byte[] bytes) {
    return text(bytes).flatMap(text -> encoded(text, bytes)).orElseGet(() -> longest(bytes));
  }

  private static Optional<String> text(byte[] bytes) {
    try {
      return Optional.of(
          StandardCharsets.UTF_8
              .newDecoder()
              .onMalformedInput(CodingErrorAction.REPORT)
              .decode(ByteBuffer.wrap(bytes))
              .toString());
    } catch (CharacterCodingException e) {
      return Optional.empty();
    }
  }

  private Optional<int[]> encoded(String text, byte[] bytes) {
    Optional<int[]> alone = spelling(vocabulary.tokenizer().encode(text, false), bytes);
    if (alone.isPresent()) {
      return alone;
    }
    if (text.length() > 1 && text.startsWith(" ")) { // the tokenizer puts that space there itself
      Optional<int[]> spaced =
          spelling(vocabulary.tokenizer().encode(text.substring(1), false), bytes);
      if (spaced.isPresent()) {
        return spaced;
      }
    }
    return ANCHORS.stream()
        .flatMap(anchor -> behind(anchor, text).flatMap(ids -> spelling(ids, bytes)).stream())
        .findFirst();
  }

  private Optional<int[]> behind(String anchor, String text) {
    int[] start = vocabulary.tokenizer().encode(anchor, false);
    int[] whole = vocabulary.tokenizer().encode(anchor + text, false);
    boolean begins =
        whole.length > start.length
            && Arrays.equals(whole, 0, start.length, start, 0, start.length);
    return begins
        ? Optional.of(Arrays.copyOfRange(whole, start.length, whole.length))
        : Optional.empty();
  }

  private Optional<int[]> spelling(int[] ids, byte[] bytes) {
    boolean known = Arrays.stream(ids).allMatch(id -> id >= 0 && id < vocabulary.width());
    return known && Arrays.equals(vocabulary.bytes(ids, 0, ids.length), bytes)
        ? Optional.of(ids)
        : Optional.empty();
  }

  /** The longest token, and the longest behind it: as far as the vocabulary spells the bytes. */
  int[] longest(byte[] bytes) {
    List<Integer> ids = new ArrayList<>();
    int end = 0;
    int next = vocabulary.longest(bytes, end);
    while (next != ByteVocabulary.NONE) {
      ids.add(next);
      end += vocabulary.bytes(next).length;
      next = vocabulary.longest(bytes, end);
    }
    return Ints.toArray(ids);
  }
}
