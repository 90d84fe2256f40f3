package io.proxytune.core.decode;

/** Turns the ids of one text into text as they come. For one thread at a time. */
public interface TextDecoder {
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
