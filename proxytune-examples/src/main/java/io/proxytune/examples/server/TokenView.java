package io.proxytune.examples.server;

import io.proxytune.Token;
import io.proxytune.TokenLogprobs;
import org.jspecify.annotations.Nullable;

/**
 * A token of an answer: immutable.
 *
 * @param id its id
 * @param logprobs what the models make of it; null where nothing comes before it, or nobody asked
 * @param ends whether it ended the text and is no part of it
 */
record TokenView(int id, @Nullable TokenLogprobs logprobs, boolean ends) {
  static TokenView of(Token token) {
    return new TokenView(token.id(), token.logprobs(), false);
  }

  TokenView ending() {
    return new TokenView(id, logprobs, true);
  }
}
