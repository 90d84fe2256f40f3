package io.proxytune.examples.diagnosis;

import io.proxytune.TokenTrace;
import java.util.Set;

/** What came, with candidates, of the token that all models together would put first. */
enum Wish {
  /** It is the base's own choice. */
  NONE,
  /** It is another, and a candidate. */
  KEPT,
  /** It is no candidate. */
  LEFT_OUT,
  /** The same, and it would have ended the text. */
  END_LEFT_OUT;

  /**
   * Compares with what was put first among the candidates.
   *
   * @param ends the tokens that end a text
   */
  static Wish of(Sample.Wanted wanted, TokenTrace trace, Set<String> ends) {
    if (wanted.id() != trace.fused().choice()) {
      return ends.contains(wanted.token()) ? END_LEFT_OUT : LEFT_OUT;
    }
    return wanted.id() == trace.base().choice() ? NONE : KEPT;
  }

  boolean isLeftOut() {
    return this == LEFT_OUT || this == END_LEFT_OUT;
  }
}
