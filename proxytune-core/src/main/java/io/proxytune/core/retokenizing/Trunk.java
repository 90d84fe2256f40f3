package io.proxytune.core.retokenizing;

import java.util.Arrays;
import java.util.List;

/**
 * A text in a model's own tokens, and where in them the base's tokens of its last block begin.
 * Immutable.
 */
final class Trunk {
  /** So many of the base's last tokens may be parts of a longer one. */
  private static final int GROWING = 8;

  private final TokenMap map;
  private final int[] ids;
  private final int openFrom;
  private final byte[] open;
  private final List<OwnText.Border> borders;

  /** Where each own token of the last block begins in its bytes, and where what they spell ends. */
  private final int[] starts;

  /** Where tokens of the base begin that would be longer ones if the text went on so. */
  private final int[] growing;

  /**
   * A text.
   *
   * @param ids all own tokens
   * @param openFrom how many of them come before the last block
   * @param open the bytes of the last block, of which some at the end may not be spelled
   * @param borders the base's tokens in it
   */
  Trunk(TokenMap map, int[] ids, int openFrom, byte[] open, List<OwnText.Border> borders) {
    this.map = map;
    this.ids = ids;
    this.openFrom = openFrom;
    this.open = open;
    this.borders = List.copyOf(borders);
    this.starts = new int[ids.length - openFrom + 1];
    for (int i = 1; i < starts.length; i++) {
      starts[i] = starts[i - 1] + map.own().bytes(ids[openFrom + i - 1]).length;
    }
    this.growing =
        borders.stream()
            .skip(Math.max(0, borders.size() - GROWING))
            .mapToInt(OwnText.Border::start)
            .filter(this::mayGrow)
            .toArray();
  }

  private boolean mayGrow(int start) {
    byte[] bytes = Arrays.copyOfRange(open, start, open.length);
    ByteVocabulary.Range range = map.base().startingWith(bytes);
    return !range.isEmpty()
        && map.base().bytes(map.base().id(range.to() - 1)).length > bytes.length;
  }

  int[] ids() {
    return ids;
  }

  int length() {
    return ids.length;
  }

  int openFrom() {
    return openFrom;
  }

  byte[] open() {
    return open;
  }

  /** The bytes of the text behind its first own tokens, at least as many as are settled. */
  byte[] behind(int position) {
    return Arrays.copyOfRange(open, starts[position - openFrom], open.length);
  }

  /**
   * Which of the base's tokens comes next in a text that goes on with an own token in the place of
   * all behind a position.
   *
   * @param position a number of own tokens
   * @param id a token whose bytes begin with those behind the position, and are more
   * @return the base's id; negative where the text would have had other tokens of the base, or none
   *     reads like it
   */
  int next(int position, int id) {
    int start = starts[position - openFrom];
    int[] spelled = map.spelled(id);
    if (start == open.length) {
      return spelled.length == 0 ? ByteVocabulary.NONE : spelled[0];
    }
    int border = 0;
    while (border < borders.size() && borders.get(border).start() < start) {
      border++;
    }
    boolean isBorder = border < borders.size() && borders.get(border).start() == start;
    if (isLonger(map.own().bytes(id), start, isBorder ? start : open.length)) {
      return CONTRADICTION;
    }
    return isBorder
        ? nextAlike(border, spelled)
        : map.base().longest(map.own().bytes(id), open.length - start);
  }

  /** Whether a token of the base that begins before an end would have been a longer one. */
  private boolean isLonger(byte[] bytes, int start, int end) {
    for (int longer : growing) {
      if (longer < end) {
        byte[] text = Arrays.copyOf(open, start + bytes.length);
        System.arraycopy(bytes, 0, text, start, bytes.length);
        int longest = map.base().longest(text, longer);
        if (longer + map.base().bytes(longest).length > open.length) {
          return true;
        }
      }
    }
    return false;
  }

  private int nextAlike(int border, int[] spelled) {
    int count = borders.size() - border;
    for (int i = 0; i < count; i++) {
      if (i >= spelled.length || spelled[i] != borders.get(border + i).baseId()) {
        return CONTRADICTION;
      }
    }
    return spelled.length > count ? spelled[count] : ByteVocabulary.NONE;
  }

  /** Another beginning of the base's tokens than the text has. */
  static final int CONTRADICTION = -2;
}
