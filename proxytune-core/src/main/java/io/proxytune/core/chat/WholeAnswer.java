package io.proxytune.core.chat;

import com.fasterxml.jackson.databind.JsonNode;
import io.proxytune.ToolCall;
import io.proxytune.core.chat.ToolCallParser.AnswerText;
import io.proxytune.core.files.InvalidJsonException;
import io.proxytune.core.files.JsonText;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Calls that are a whole answer, in JSON: held back to the end where it begins like one. For one
 * thread.
 */
final class WholeAnswer implements AnswerText {
  private final String opening;
  private final String mark;
  private final StringBuilder held = new StringBuilder();
  private boolean isText;

  /**
   * Begins an answer.
   *
   * @param opening what calls begin with
   * @param mark a special token before them, which mostly leaves no text
   */
  WholeAnswer(String opening, String mark) {
    this.opening = opening;
    this.mark = mark;
  }

  @Override
  public void add(String text, List<AnswerPart> parts) {
    if (isText) {
      parts.add(AnswerPart.text(text));
      return;
    }
    held.append(text);
    String begin = held.toString().stripLeading();
    isText = !begin.startsWith(opening) && !begin.startsWith(mark) && !mark.startsWith(begin);
    if (isText) {
      parts.add(AnswerPart.text(held.toString()));
      held.setLength(0);
    }
  }

  @Override
  public void finish(List<AnswerPart> parts) {
    String text = held.toString();
    held.setLength(0);
    String body = text.strip();
    List<ToolCall> calls = calls(body.startsWith(mark) ? body.substring(mark.length()) : body);
    if (calls.isEmpty()) {
      parts.add(AnswerPart.text(text));
    } else {
      calls.forEach(call -> parts.add(AnswerPart.call(call)));
    }
  }

  /** The calls of a list, or a single one; none where anything else is among them. */
  private static List<ToolCall> calls(String body) {
    try {
      JsonNode json = JsonText.parse(body);
      List<ToolCall> calls = new ArrayList<>();
      for (JsonNode each : json.isArray() ? json : List.of(json)) {
        Optional<ToolCall> call = isCall(each) ? ToolCallParser.call(each) : Optional.empty();
        if (call.isEmpty()) {
          return List.of();
        }
        calls.add(call.get());
      }
      return calls;
    } catch (InvalidJsonException e) {
      return List.of();
    }
  }

  /** An answer may be JSON that is no call. */
  private static boolean isCall(JsonNode json) {
    return json.has("name") && (json.has("arguments") || json.has("parameters"));
  }
}
