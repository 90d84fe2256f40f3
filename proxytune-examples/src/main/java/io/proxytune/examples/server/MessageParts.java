package io.proxytune.examples.server;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.ToolCall;
import io.proxytune.core.chat.AnswerFormat;
import io.proxytune.core.chat.AnswerParser;
import io.proxytune.core.chat.AnswerPart;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** The thoughts, the text and the calls of one message, whole or as they come. For one thread. */
final class MessageParts {
  private static final int ID_LENGTH = 24;

  private final AnswerParser parser;
  private int calls;

  /**
   * Begins a message.
   *
   * @param format what it has beside text
   */
  MessageParts(AnswerFormat format) {
    this.parser = new AnswerParser(format);
  }

  boolean hasCalls() {
    return calls > 0;
  }

  /** Puts into a delta what a piece of text makes certain. */
  void addTo(ObjectNode delta, String text) {
    put(delta, parser.add(text), true);
  }

  /** Puts into a delta what was held back. */
  void finish(ObjectNode delta) {
    put(delta, parser.finish(), true);
  }

  /** Puts a whole text into a message; content is null where there is nothing but calls. */
  void putWhole(ObjectNode message, String text) {
    List<AnswerPart> parts = new ArrayList<>(parser.add(text));
    parts.addAll(parser.finish());
    message.putNull("content");
    put(message, parts, false);
    if (!hasCalls() && message.path("content").isNull()) {
      message.put("content", "");
    }
  }

  private void put(ObjectNode json, List<AnswerPart> parts, boolean numbered) {
    StringBuilder text = new StringBuilder();
    StringBuilder thought = new StringBuilder();
    for (AnswerPart part : parts) {
      text.append(part.text());
      thought.append(part.reasoning());
      part.call().ifPresent(call -> put(json.withArray("/tool_calls"), call, numbered));
    }
    if (!thought.isEmpty()) {
      json.put("reasoning_content", thought.toString());
    }
    if (!text.isEmpty()) {
      json.put("content", text.toString());
    }
  }

  private void put(ArrayNode list, ToolCall call, boolean numbered) {
    ObjectNode json = list.addObject();
    if (numbered) {
      json.put("index", calls);
    }
    String drawn = "call_" + UUID.randomUUID().toString().replace("-", "").substring(0, ID_LENGTH);
    json.put("id", call.id().orElse(drawn)).put("type", "function");
    json.putObject("function").put("name", call.name()).put("arguments", call.arguments());
    calls++;
  }
}
