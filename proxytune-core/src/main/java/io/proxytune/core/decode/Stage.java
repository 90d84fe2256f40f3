package io.proxytune.core.decode;

import io.proxytune.Generation;
import io.proxytune.Token;
import java.util.List;
import java.util.Optional;

/**
 * The part of a text that is generated: all of it, or a stretch that begins behind an earlier one.
 *
 * @param before what came before it, the same text up to there
 * @param end the most tokens of the whole text after it
 * @param asksAll whether every model is asked for every token, whatever steers it
 */
record Stage(Optional<Generation> before, int end, boolean asksAll) {
  static final Stage WHOLE = new Stage(Optional.empty(), Integer.MAX_VALUE, false);

  List<Token> given() {
    return before.map(Generation::tokens).orElse(List.of());
  }

  /** The ids of the tokens that come before it. */
  int[] givenIds() {
    return given().stream().mapToInt(Token::id).toArray();
  }
}
