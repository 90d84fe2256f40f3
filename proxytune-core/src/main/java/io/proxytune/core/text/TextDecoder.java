package io.proxytune.core.text;

import io.proxytune.Tokenizer;

/** Turns the ids of one text into text as they come. For one thread at a time. */
public interface TextDecoder {
  /** Makes decoders. */
  @FunctionalInterface
  interface Factory {
    /**
     * Begins a text.
     *
     * @param tokenizer the tokenizer that the ids belong to
     * @param promptIds what the text follows: both are to read as if they were decoded together
     * @return the decoder of the text alone
     */
    TextDecoder begin(Tokenizer tokenizer, int[] promptIds);
  }

  /**
   * Takes the next id.
   *
   * @param id a token id
   * @return the text that it completed, never half a character; may be empty
   */
  String append(int id);

  /**
   * Ends the text.
   *
   * @return what was incomplete, with U+FFFD for bytes that form no character; may be empty
   */
  String finish();
}
