package io.proxytune.core.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The alphabet in which byte-level vocabularies such as GPT-2's spell bytes. */
final class ByteAlphabet {
  private static final int BYTES = 256;
  private static final int[] BYTE_OF = byteOf();

  private ByteAlphabet() {}

  /** Printable Latin-1 stands for itself; the other bytes are spelled from U+0100 on, in order. */
  private static int[] byteOf() {
    int[] byteOf = new int[2 * BYTES];
    Arrays.fill(byteOf, -1);
    int next = BYTES;
    for (int b = 0; b < BYTES; b++) {
      boolean printable = (b > ' ' && b < 0x7F) || (b > 0xA0 && b != 0xAD);
      byteOf[printable ? b : next++] = b;
    }
    return byteOf;
  }

  /**
   * The bytes of a token.
   *
   * @param token a token; one with other characters, such as an added one, is spelled in UTF-8
   * @return its bytes
   */
  static byte[] bytes(String token) {
    byte[] bytes = new byte[token.length()];
    for (int i = 0; i < bytes.length; i++) {
      char c = token.charAt(i);
      if (c >= BYTE_OF.length || BYTE_OF[c] < 0) {
        return token.getBytes(StandardCharsets.UTF_8);
      }
      bytes[i] = (byte) BYTE_OF[c];
    }
    return bytes;
  }
}
