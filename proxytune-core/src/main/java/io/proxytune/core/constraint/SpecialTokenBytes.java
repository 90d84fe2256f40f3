package io.proxytune.core.constraint;

/**
 * Special tokens as bytes that no text has: what is never in UTF-8 stands for the digits of their
 * ids.
 */
final class SpecialTokenBytes {
  /** The first byte that is in no text; all that follow are not either. */
  static final int FIRST = 0xF5;

  private static final int MARK = 0xFF;
  private static final int DIGIT_BITS = 3;
  private static final int DIGITS = 11; // 33 bits: any id

  private SpecialTokenBytes() {}

  /** The bytes of an id; none are the beginning of another's. */
  static byte[] of(int id) {
    byte[] bytes = new byte[DIGITS + 1];
    bytes[0] = (byte) MARK;
    int rest = id;
    for (int i = DIGITS; i > 0; i--) {
      bytes[i] = (byte) (FIRST + (rest & ((1 << DIGIT_BITS) - 1)));
      rest >>>= DIGIT_BITS;
    }
    return bytes;
  }

  /** Whether some of these are bytes that no text has. */
  static boolean anyIn(byte[] bytes) {
    for (byte b : bytes) {
      if ((b & 0xFF) >= FIRST) {
        return true;
      }
    }
    return false;
  }
}
