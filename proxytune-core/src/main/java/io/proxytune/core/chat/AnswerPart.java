package io.proxytune.core.chat;

import io.proxytune.ToolCall;
import java.util.Optional;

/**
 * A part of an answer, which is one of three: immutable.
 *
 * @param text text of the answer; empty for another part
 * @param reasoning what the model thinks before it answers; empty for another part
 * @param call a call, without an id unless the model wrote one; nothing for another part
 */
public record AnswerPart(String text, String reasoning, Optional<ToolCall> call) {
  static AnswerPart text(String text) {
    return new AnswerPart(text, "", Optional.empty());
  }

  static AnswerPart reasoning(String reasoning) {
    return new AnswerPart("", reasoning, Optional.empty());
  }

  static AnswerPart call(ToolCall call) {
    return new AnswerPart("", "", Optional.of(call));
  }

  boolean isEmpty() {
    return text.isEmpty() && reasoning.isEmpty() && call.isEmpty();
  }
}
