package io.proxytune.core.prompt;

import com.google.common.base.Strings;
import com.google.common.primitives.Ints;
import io.proxytune.Tokenizer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Encodes a text that follows given ids, which stay as they are: so that ids and text, decoded
 * together, read as the text was written. Many tokenizers put a space before a text that they
 * encode alone, which would be one too many here.
 */
final class BorderEncoder {
  /** Texts that stand before the text in turn: it should not join with one of them. */
  private static final List<String> ANCHORS = List.of("\n", ".", "a", "0");

  /** So many ids are enough to tell how the next ones read. */
  private static final int CONTEXT = 8;

  private final Tokenizer tokenizer;
  private final int[] before;

  /**
   * Prepares encoding.
   *
   * @param before the ids that texts follow
   */
  BorderEncoder(Tokenizer tokenizer, int[] before) {
    this.tokenizer = tokenizer;
    this.before = before;
  }

  /**
   * Encodes a text.
   *
   * @param text not empty
   * @return ids that read as the text, where the tokenizer has such; it may not, as where it drops
   *     accents
   */
  int[] encode(String text) {
    Stream<Supplier<Optional<int[]>>> ways =
        Stream.concat(
            Stream.of(() -> rejoined(text), () -> alone(text), () -> afterSpace(text)),
            ANCHORS.stream().map(anchor -> () -> behind(anchor, text)));
    return ways.flatMap(way -> way.get().stream())
        .filter(ids -> read(ids).equals(text))
        .findFirst()
        .or(() -> ANCHORS.stream().flatMap(anchor -> behind(anchor, text).stream()).findFirst())
        .or(() -> alone(text))
        .orElseThrow();
  }

  /** What the ids read as behind the others, special tokens included. */
  private String read(int[] ids) {
    int[] context = Arrays.copyOfRange(before, Math.max(0, before.length - CONTEXT), before.length);
    String known = tokenizer.decode(context, false);
    String all = tokenizer.decode(Ints.concat(context, ids), false);
    return all.substring(Strings.commonPrefix(known, all).length());
  }

  /** As one text with what the ids read as, where that gives these ids again. */
  private Optional<int[]> rejoined(String text) {
    int[] whole = tokenizer.encode(tokenizer.decode(before, false) + text, false);
    return rest(before, whole);
  }

  private Optional<int[]> alone(String text) {
    return Optional.of(tokenizer.encode(text, false));
  }

  /** Where the tokenizer puts the space there that the text begins with. */
  private Optional<int[]> afterSpace(String text) {
    return text.length() > 1 && text.startsWith(" ") ? alone(text.substring(1)) : Optional.empty();
  }

  private Optional<int[]> behind(String anchor, String text) {
    return rest(tokenizer.encode(anchor, false), tokenizer.encode(anchor + text, false));
  }

  private static Optional<int[]> rest(int[] start, int[] whole) {
    boolean begins =
        whole.length > start.length
            && Arrays.equals(whole, 0, start.length, start, 0, start.length);
    return begins
        ? Optional.of(Arrays.copyOfRange(whole, start.length, whole.length))
        : Optional.empty();
  }
}
