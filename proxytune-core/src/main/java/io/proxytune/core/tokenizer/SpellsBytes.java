package io.proxytune.core.tokenizer;

/** A tokenizer that knows the bytes of its tokens. */
public interface SpellsBytes {
  /**
   * The bytes that each token adds to a text.
   *
   * @return the bytes
   * @throws IllegalArgumentException if what the decoder makes of a token depends on others
   */
  TokenBytes tokenBytes();
}
