package io.proxytune.core.retokenizing;

import com.google.common.primitives.Ints;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A text that grows by the base's tokens, in the tokens of a model. Its tokens depend on the text
 * alone, not on how it grew: it is encoded in blocks, and all but the last of them are settled. For
 * one thread.
 *
 * <p>Ids are the base's, or where they are not below the base's width, the model's own, as those of
 * its prompt are.
 */
final class OwnText {
  /** A block ends before the first word behind so many bytes. */
  private static final int BLOCK = 256;

  private final TokenMap map;
  private final ByteEncoder encoder;
  private final List<Integer> ids = new ArrayList<>();
  private final List<Integer> settled = new ArrayList<>();
  private final List<Border> borders = new ArrayList<>();
  private byte[] open = new byte[0];

  /** Where one of the base's tokens begins in the open block. */
  record Border(int start, int baseId) {}

  OwnText(TokenMap map, ByteEncoder encoder) {
    this.map = map;
    this.encoder = encoder;
  }

  /** The same text, or the beginning of it. */
  OwnText copy(int tokens) {
    OwnText copy = new OwnText(map, encoder);
    ids.subList(0, tokens).forEach(copy::append);
    return copy;
  }

  int size() {
    return ids.size();
  }

  void truncate(int tokens) {
    if (tokens < ids.size()) {
      List<Integer> kept = List.copyOf(ids.subList(0, tokens));
      ids.clear();
      settled.clear();
      borders.clear();
      open = new byte[0];
      kept.forEach(this::append);
    }
  }

  void append(int id) {
    int base = map.base().width();
    if (ids.isEmpty() && id < base) {
      begin();
    }
    ids.add(id);
    if (id >= base) {
      settle(id - base);
    } else if (map.base().bytes(id).length == 0) {
      appendSpecial(map.ownSpecial(id));
    } else {
      appendBytes(id, map.base().bytes(id));
    }
  }

  /** What the model's tokenizer puts before every text. */
  private void begin() {
    Arrays.stream(map.own().tokenizer().encode("", true))
        .filter(id -> id < map.own().width())
        .filter(id -> map.own().bytes(id).length == 0)
        .forEach(settled::add);
  }

  private void appendSpecial(int own) {
    boolean begins = ids.size() == 1 && settled.contains(own);
    if (own != ByteVocabulary.NONE && !begins) {
      settle(own);
    }
  }

  private void settle(int own) {
    settleOpen(open.length);
    settled.add(own);
  }

  private void appendBytes(int id, byte[] bytes) {
    borders.add(new Border(open.length, id));
    int from = open.length;
    open = Arrays.copyOf(open, from + bytes.length);
    System.arraycopy(bytes, 0, open, from, bytes.length);
    int end = blockEnd();
    while (end > 0) {
      settleOpen(end);
      end = blockEnd();
    }
    passOver();
  }

  /** What no own token spells or begins with can't be read, such as a byte that is no character. */
  private void passOver() {
    int[] spelled = encoder.encode(open);
    int end = map.own().bytes(spelled, 0, spelled.length).length;
    if (end < open.length
        && map.own().startingWith(Arrays.copyOfRange(open, end, open.length)).isEmpty()) {
      settleOpen(open.length);
    }
  }

  /** Where the open block ends; 0 where it goes on. */
  private int blockEnd() {
    for (int i = BLOCK; i + 1 < open.length; i++) {
      if (open[i] == ' ' && open[i - 1] > ' ' && isLetterOrDigit(open[i + 1])) {
        return i;
      }
    }
    return 0;
  }

  private static boolean isLetterOrDigit(byte b) {
    return (b >= '0' && b <= '9') || (b >= 'A' && b <= 'Z') || (b >= 'a' && b <= 'z');
  }

  private void settleOpen(int end) {
    if (end > 0) {
      settled.addAll(Ints.asList(encoder.encode(Arrays.copyOf(open, end))));
    }
    open = Arrays.copyOfRange(open, end, open.length);
    List<Border> later =
        borders.stream()
            .filter(border -> border.start >= end)
            .map(border -> new Border(border.start - end, border.baseId))
            .toList();
    borders.clear();
    borders.addAll(later);
  }

  /** The most own tokens that the text can have with more of the base's. */
  int mostTokens(int[] more) {
    int bytes =
        Arrays.stream(more)
            .map(id -> id < map.base().width() ? Math.max(1, map.base().bytes(id).length) : 1)
            .sum();
    return settled.size() + open.length + bytes;
  }

  /** How many own tokens stay as they are, however the text goes on. */
  int settled() {
    return settled.size();
  }

  /** All that is there in own tokens. */
  Trunk trunk() {
    return new Trunk(
        map,
        Ints.concat(Ints.toArray(settled), encoder.encode(open)),
        settled.size(),
        open,
        borders);
  }
}
