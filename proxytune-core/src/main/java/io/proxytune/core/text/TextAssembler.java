package io.proxytune.core.text;

import io.proxytune.Tokenizer;
import io.proxytune.core.tokenizer.Detokenizer;
import java.util.List;
import java.util.Optional;

/**
 * The text of one sequence: ids become characters, up to the first stop string. Where there is no
 * tokenizer, they become none. For one thread at a time.
 */
public final class TextAssembler {
  private final Optional<Tokenizer> tokenizer;
  private final Optional<Detokenizer> detokenizer;
  private final StopStrings stops;
  private final StringBuilder text = new StringBuilder();

  /**
   * Begins a text.
   *
   * @param tokenizer the tokenizer that the ids belong to, if there is one; it tells which ids are
   *     special tokens, and how stop strings name them
   * @param promptIds what the text follows: both are to read as if they were decoded together
   * @param stopStrings the strings that end the text
   */
  public TextAssembler(Optional<Tokenizer> tokenizer, int[] promptIds, List<String> stopStrings) {
    this.tokenizer = tokenizer;
    this.detokenizer = tokenizer.map(own -> new Detokenizer(own, promptIds));
    this.stops = new StopStrings(stopStrings);
  }

  /**
   * Takes the next id.
   *
   * @param id a token id
   * @return the text that is released by it, never half a character; may be empty
   */
  public String append(int id) {
    String piece = detokenizer.map(ids -> ids.add(id)).orElse("");
    return released(stops.append(piece) + special(id));
  }

  private String special(int id) {
    return tokenizer
        .filter(t -> t.isSpecial(id))
        .flatMap(t -> t.token(id))
        .map(spelling -> stops.appendSpecial(spelling))
        .orElse("");
  }

  /**
   * Ends the text at an id that leaves no text; a stop string may end with the id.
   *
   * @param id a token id
   * @return what was held back
   */
  public String finishAt(int id) {
    return released(stops.append(incomplete()) + special(id) + stops.finish());
  }

  /**
   * Ends the text.
   *
   * @return what was held back
   */
  public String finish() {
    return released(stops.append(incomplete()) + stops.finish());
  }

  /** What the ids leave of a character, with U+FFFD for bytes that form none. */
  private String incomplete() {
    return detokenizer.map(Detokenizer::finish).orElse("");
  }

  /**
   * Whether a stop string ended the text.
   *
   * @return whether one was found
   */
  public boolean stopped() {
    return stops.stopped();
  }

  /**
   * All that was released.
   *
   * @return the text so far
   */
  public String text() {
    return text.toString();
  }

  private String released(String piece) {
    text.append(piece);
    return piece;
  }
}
