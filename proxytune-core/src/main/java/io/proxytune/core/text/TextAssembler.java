package io.proxytune.core.text;

import io.proxytune.Tokenizer;
import io.proxytune.core.tokenizer.Detokenizer;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The text of one sequence: ids become characters, up to the first stop string. Where there is no
 * tokenizer, they become none. For one thread at a time.
 */
public final class TextAssembler {
  private final Optional<Tokenizer> tokenizer;
  private final Optional<Detokenizer> detokenizer;
  private final StopStrings stops;
  private final Set<String> written;
  private final StringBuilder released = new StringBuilder();
  private int taken;

  /**
   * Begins a text.
   *
   * @param tokenizer the tokenizer that the ids belong to, if there is one; it tells which ids are
   *     special tokens, and how stop strings name them
   * @param promptIds what the text follows: both are to read as if they were decoded together
   * @param stopStrings the strings that end the text
   * @param written the special tokens that leave their text
   */
  public TextAssembler(
      Optional<Tokenizer> tokenizer,
      int[] promptIds,
      List<String> stopStrings,
      Set<String> written) {
    this.tokenizer = tokenizer;
    this.detokenizer = tokenizer.map(own -> new Detokenizer(own, promptIds));
    this.stops = new StopStrings(stopStrings);
    this.written = Set.copyOf(written);
  }

  /**
   * Takes the next id.
   *
   * @param id a token id
   */
  public void append(int id) {
    String piece = detokenizer.map(ids -> ids.add(id)).orElse("");
    released.append(stops.append(piece));
    special(id)
        .ifPresent(
            spelling ->
                released.append(
                    written.contains(spelling)
                        ? stops.append(incomplete() + spelling)
                        : stops.appendSpecial(spelling)));
  }

  /** What a special token is called. */
  private Optional<String> special(int id) {
    return tokenizer.filter(t -> t.isSpecial(id)).flatMap(t -> t.token(id));
  }

  /**
   * Ends the text at an id that leaves no text; a stop string may end with the id.
   *
   * @param id a token id
   */
  public void finishAt(int id) {
    released.append(stops.append(incomplete()));
    special(id).ifPresent(spelling -> released.append(stops.appendSpecial(spelling)));
    released.append(stops.finish());
  }

  /** Ends the text, and releases what was held back. */
  public void finish() {
    released.append(stops.append(incomplete())).append(stops.finish());
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
   * What was released since this was last called: text that is certain, never half a character.
   *
   * @return the text; may be empty
   */
  public String takeReleased() {
    String piece = released.substring(taken);
    taken = released.length();
    return piece;
  }

  /**
   * All that was released.
   *
   * @return the text so far
   */
  public String text() {
    return released.toString();
  }
}
