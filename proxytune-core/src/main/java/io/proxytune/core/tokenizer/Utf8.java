package io.proxytune.core.tokenizer;

/** What a decoder of UTF-8 that replaces what is wrong needs to know of the last bytes. */
final class Utf8 {
  /** The most bytes that an incomplete character has. */
  static final int LONGEST_INCOMPLETE = 3;

  private Utf8() {}

  /**
   * Whether more bytes could complete the character at the end.
   *
   * @param bytes a text, or its last 3 bytes
   * @param from where it begins
   * @return false where the text ends with a whole character or with bytes that are wrong
   */
  static boolean endsInsideCharacter(byte[] bytes, int from) {
    for (int lead = bytes.length - 1; lead >= from; lead--) {
      int b = bytes[lead] & 0xFF;
      if (b < 0x80 || b >= 0xC0) {
        return isPrefix(bytes, lead);
      }
    }
    return false;
  }

  /** Whether the bytes from a lead byte on are a character's beginning, but not all of it. */
  private static boolean isPrefix(byte[] bytes, int lead) {
    int first = bytes[lead] & 0xFF;
    int present = bytes.length - lead;
    return present < length(first) && (present == 1 || isSecond(first, bytes[lead + 1] & 0xFF));
  }

  /** The length of the character that a lead byte begins; 1 where it begins none. */
  private static int length(int lead) {
    if (lead < 0xC2 || lead > 0xF4) {
      return 1;
    }
    return lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  }

  /** Some lead bytes allow fewer second bytes: no overlong forms, surrogates or beyond U+10FFFF. */
  private static boolean isSecond(int lead, int second) {
    int low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    int high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    return second >= low && second <= high;
  }
}
