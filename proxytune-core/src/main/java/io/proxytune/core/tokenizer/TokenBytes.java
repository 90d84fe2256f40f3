package io.proxytune.core.tokenizer;

import io.proxytune.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** The bytes that each token of a vocabulary adds to a text. Safe for use by several threads. */
public interface TokenBytes {
  /**
   * One more than the largest id.
   *
   * @return the size of the id space
   */
  int size();

  /**
   * What a token adds to a text that others stand before.
   *
   * @param id an id
   * @return its bytes in UTF-8, which may be a part of a character; none for a special token and
   *     for an id without a token
   */
  byte[] bytes(int id);

  /**
   * The bytes of a tokenizer's tokens.
   *
   * @param tokenizer any tokenizer; an application's own is taken to decode tokens one by one to
   *     what they are together
   * @return the bytes
   * @throws IllegalArgumentException if what its decoder makes of a token depends on others
   */
  static TokenBytes of(Tokenizer tokenizer) {
    if (tokenizer instanceof SpellsBytes known) {
      return known.tokenBytes();
    }
    return new TokenBytes() {
      @Override
      public int size() {
        return tokenizer.vocabularySize();
      }

      @Override
      public byte[] bytes(int id) {
        Optional<String> token = tokenizer.token(id).filter(t -> !tokenizer.isSpecial(id));
        return token
            .map(t -> tokenizer.decode(new int[] {id}, true).getBytes(StandardCharsets.UTF_8))
            .orElseGet(() -> new byte[0]);
      }
    };
  }
}
