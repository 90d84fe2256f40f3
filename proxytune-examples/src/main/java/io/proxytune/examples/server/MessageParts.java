package io.proxytune.examples.server;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.ToolCall;
import io.proxytune.core.chat.ToolCallFormat;
import io.proxytune.core.chat.ToolCallParser;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** The text and the calls of one message, whole or as they come. For one thread. */
final class MessageParts {
  private static final int ID_LENGTH = 24;

  private final Optional<ToolCallParser> parser;
  private int calls;

  /**
   * Begins a message.
   *
   * @param toolCalls how calls are written in it; nothing where they stay text
   */
  MessageParts(Optional<ToolCallFormat> toolCalls) {
    this.parser = toolCalls.map(ToolCallParser::new);
  }

  boolean hasCalls() {
    return calls > 0;
  }

  /** Puts into a delta what a piece of text makes certain. */
  void addTo(ObjectNode delta, String text) {
    if (parser.isEmpty()) {
      delta.put("content", text);
    } else {
      put(delta, parser.get().add(text), true);
    }
  }

  /** Puts into a delta what was held back. */
  void finish(ObjectNode delta) {
    parser.ifPresent(it -> put(delta, it.finish(), true));
  }

  /** Puts a whole text into a message; content is null where there is nothing but calls. */
  void putWhole(ObjectNode message, String text) {
    if (parser.isEmpty()) {
      message.put("content", text);
      return;
    }
    List<ToolCallParser.Part> parts = new ArrayList<>(parser.get().add(text));
    parts.addAll(parser.get().finish());
    message.putNull("content");
    put(message, parts, false);
    if (!hasCalls() && message.path("content").isNull()) {
      message.put("content", "");
    }
  }

  private void put(ObjectNode json, List<ToolCallParser.Part> parts, boolean numbered) {
    StringBuilder text = new StringBuilder();
    for (ToolCallParser.Part part : parts) {
      text.append(part.text());
      part.call().ifPresent(call -> put(json.withArray("/tool_calls"), call, numbered));
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
