package io.proxytune;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * One generated token: immutable.
 *
 * @param id the token id
 * @param text the text that this token completed: empty while a character's bytes or a possible
 *     stop string are incomplete. The last token releases what was held back; the text of an
 *     end-of-text or stop id itself is left out
 * @param index its place among the generated tokens, from 0
 * @param logprobs its log-probabilities where the request asked for them, else null
 * @param trace what steering did to it where the request asked for that, else null
 */
public record Token(
    int id, String text, int index, @Nullable TokenLogprobs logprobs, @Nullable TokenTrace trace) {
  public Token {
    requireNonNull(text, "text");
  }
}
