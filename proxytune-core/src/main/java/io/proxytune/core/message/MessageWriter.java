package io.proxytune.core.message;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.ChatMessage;
import io.proxytune.ToolCall;
import java.util.List;

/** Writes the turns of a conversation as JSON in OpenAI's form. */
public final class MessageWriter {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private MessageWriter() {}

  /**
   * Writes a conversation.
   *
   * @param messages the turns
   * @return a list of objects
   */
  public static ArrayNode write(List<ChatMessage> messages) {
    ArrayNode list = JSON.arrayNode(messages.size());
    messages.forEach(message -> list.add(write(message)));
    return list;
  }

  private static ObjectNode write(ChatMessage message) {
    ObjectNode json = JSON.objectNode().put("role", message.role());
    writeContent(message, json);
    message.reasoning().ifPresent(thoughts -> json.put("reasoning_content", thoughts));
    message.name().ifPresent(name -> json.put("name", name));
    message.toolCallId().ifPresent(id -> json.put("tool_call_id", id));
    if (!message.toolCalls().isEmpty()) {
      ArrayNode calls = json.putArray("tool_calls");
      message.toolCalls().forEach(call -> calls.add(write(call)));
    }
    return json;
  }

  private static void writeContent(ChatMessage message, ObjectNode json) {
    if (message.parts().size() > 1) {
      ArrayNode parts = json.putArray("content");
      message
          .parts()
          .forEach(text -> parts.add(JSON.objectNode().put("type", "text").put("text", text)));
    } else if (message.content().isEmpty() && !message.toolCalls().isEmpty()) {
      json.putNull("content");
    } else {
      json.put("content", message.content());
    }
  }

  private static ObjectNode write(ToolCall call) {
    ObjectNode json = JSON.objectNode();
    call.id().ifPresent(id -> json.put("id", id));
    json.put("type", "function");
    json.putObject("function").put("name", call.name()).put("arguments", call.arguments());
    return json;
  }
}
