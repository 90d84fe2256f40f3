package io.proxytune.examples.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** How texts are written as JSON: one way for completions and one for chats. */
interface AnswerForm {
  /** What an answer's id begins with. */
  String idPrefix();

  /** What an answer calls itself. */
  String object(boolean streamed);

  /** Begins to write one text. */
  Choice choice(int index, boolean streamed);

  /** Writes one text, whole or in pieces. For one thread. */
  interface Choice {
    /** What a stream begins with, if it does with something. */
    List<ObjectNode> opening();

    /**
     * The text, or a piece of it, with nothing said about its end.
     *
     * @param tokens its tokens, in order
     */
    ObjectNode piece(String text, List<TokenView> tokens);

    /** The end of a stream, with what was held back. */
    ObjectNode closing();

    /**
     * Why the text ended, once all of it was given.
     *
     * @param reason what the tuner says
     */
    default String reason(String reason) {
      return reason;
    }
  }
}
