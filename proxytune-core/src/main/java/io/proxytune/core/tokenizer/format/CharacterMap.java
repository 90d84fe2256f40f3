package io.proxytune.core.tokenizer.format;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.BitSet;
import java.util.Deque;

/**
 * The map of characters of a SentencePiece model, {@code precompiled_charsmap}: a double array over
 * the bytes of what is replaced, whose leaves point into the replacements. The native library
 * follows it without a look at its bounds.
 */
final class CharacterMap {
  private static final int BYTES = 256;
  private static final int HEADER = Integer.BYTES;

  private final Field field;
  private final byte[] bytes;
  private final int[] units;
  private final byte[] replacements;
  private int longest;
  private boolean keepsAscii = true;

  private CharacterMap(Field field) {
    this.field = field;
    bytes = decoded(field);
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    field.check(bytes.length > HEADER, "the map of a SentencePiece model");
    int size = buffer.getInt();
    field.check(
        size > 0 && size % Integer.BYTES == 0 && size <= buffer.remaining(),
        "a map whose double array lies within its " + bytes.length + " bytes");
    units = new int[size / Integer.BYTES];
    buffer.asIntBuffer().get(units);
    replacements = new byte[bytes.length - HEADER - size];
    System.arraycopy(bytes, HEADER + size, replacements, 0, replacements.length);
  }

  /**
   * Checks a map.
   *
   * @param field where it stands
   * @return the map
   */
  static CharacterMap of(Field field) {
    CharacterMap map = new CharacterMap(field);
    map.checkReplacements();
    map.checkUnits();
    return map;
  }

  private static byte[] decoded(Field field) {
    try {
      return Base64.getDecoder().decode(field.nonEmptyText());
    } catch (IllegalArgumentException e) {
      throw field.refusal("base64");
    }
  }

  /** The map, written anew. */
  String encoded() {
    return Base64.getEncoder().encodeToString(bytes);
  }

  /** The bytes of the longest replacement. */
  int longest() {
    return longest;
  }

  /** Whether no printable character of ASCII is replaced by nothing. */
  boolean keepsAscii() {
    return keepsAscii;
  }

  private void checkReplacements() {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(replacements));
    } catch (CharacterCodingException e) {
      throw field.refusal("a map whose replacements are UTF-8");
    }
  }

  /** Follows every way through the double array. */
  private void checkUnits() {
    BitSet seen = new BitSet(units.length);
    Deque<Integer> open = new ArrayDeque<>();
    visit(offset(units[0]), seen, open);
    while (!open.isEmpty()) {
      int node = open.remove();
      for (int label = 1; label < BYTES; label++) {
        int unit = unit(node ^ label);
        if ((unit & 0x800000FF) == label) {
          int next = node ^ label ^ offset(unit);
          checkLeaf(unit, next, label);
          visit(next, seen, open);
        }
      }
    }
  }

  private void visit(int node, BitSet seen, Deque<Integer> open) {
    field.check(node >= 0, "a map whose double array lies within its bytes");
    if (!seen.get(node)) {
      seen.set(node);
      open.add(node);
    }
  }

  private void checkLeaf(int unit, int next, int label) {
    if ((unit >> 8 & 1) == 0) {
      return;
    }
    int start = unit(next) & Integer.MAX_VALUE;
    field.check(
        start <= replacements.length
            && (start == replacements.length || (replacements[start] & 0xC0) != 0x80),
        "a map whose replacements lie within its bytes");
    int end = start;
    while (end < replacements.length && replacements[end] != 0) {
      end++;
    }
    longest = Math.max(longest, end - start);
    keepsAscii &= end > start || label <= ' ' || label > '~';
  }

  private int unit(int index) {
    field.check(
        index >= 0 && index < units.length, "a map whose double array lies within its bytes");
    return units[index];
  }

  private static int offset(int unit) {
    return unit >>> 10 << ((unit & 1 << 9) >> 6);
  }
}
