package io.proxytune.core.text;

import io.proxytune.Tokenizer;
import java.util.List;
import java.util.Optional;

/** The text of one sequence: ids become characters, up to the first stop string. */
public final class TextAssembler {
  private final TextDecoder decoder;
  private final Optional<Tokenizer> tokenizer;
  private final StopStrings stops;
  private final StringBuilder text = new StringBuilder();

  /**
   * Begins a text.
   *
   * @param tokenizer tells which ids are special tokens, and how stop strings name them
   */
  public TextAssembler(
      TextDecoder decoder, Optional<Tokenizer> tokenizer, List<String> stopStrings) {
    this.decoder = decoder;
    this.tokenizer = tokenizer;
    this.stops = new StopStrings(stopStrings);
  }

  /** Takes the next id and returns the text that is released by it. */
  public String append(int id) {
    return released(stops.append(decoder.append(id)) + special(id));
  }

  private String special(int id) {
    return tokenizer
        .filter(t -> t.isSpecial(id))
        .flatMap(t -> t.token(id))
        .map(spelling -> stops.appendSpecial(spelling))
        .orElse("");
  }

  /**
   * Ends the text at an id that leaves no text, and returns what was held back; a stop string may
   * end with the id.
   */
  public String finishAt(int id) {
    return released(stops.append(decoder.finish()) + special(id) + stops.finish());
  }

  /** Ends the text and returns what was held back. */
  public String finish() {
    return released(stops.append(decoder.finish()) + stops.finish());
  }

  /** Whether a stop string ended the text. */
  public boolean stopped() {
    return stops.stopped();
  }

  /** All that was released. */
  public String text() {
    return text.toString();
  }

  private String released(String piece) {
    text.append(piece);
    return piece;
  }
}
