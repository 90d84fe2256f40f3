package io.proxytune.examples.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.ChatMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Reads the turns of a conversation. */
final class ChatMessages {
  private static final Set<String> ROLES =
      Set.of("system", "developer", "user", "assistant", "tool");

  private ChatMessages() {}

  static List<ChatMessage> read(JsonNode list) {
    List<ChatMessage> messages = new ArrayList<>();
    for (JsonNode turn : list) {
      messages.add(message("messages[" + messages.size() + "]", turn));
    }
    return messages;
  }

  private static ChatMessage message(String name, JsonNode turn) {
    Fields.check(turn.isObject(), name, "an object", turn);
    Fields fields = Fields.of((ObjectNode) turn);
    String role =
        fields
            .text("role")
            .filter(ROLES::contains)
            .orElseThrow(
                () ->
                    ApiException.bad(
                        name + ".role",
                        "'%s.role' must be system, developer, user, assistant or tool, got %s",
                        name,
                        Fields.brief(turn.path("role"))));
    fields.refuse("tool_calls", "calls of tools are read as the text that the model wrote");
    fields.refuse("function_call", "calls are read as the text that the model wrote");
    fields.refuse("audio", "messages are text");
    fields.ignore(List.of("name", "refusal", "tool_call_id", "annotations"));
    String content = content(name + ".content", turn.path("content"));
    fields.ignore(List.of("content"));
    fields.checkAllTaken();
    return new ChatMessage(role.equals("developer") ? "system" : role, content);
  }

  /** A text, or parts that are texts, each on lines of its own. */
  private static String content(String name, JsonNode content) {
    if (content.isTextual()) {
      return content.textValue();
    }
    Fields.check(
        content.isArray() && !content.isEmpty(), name, "a text or a list of parts", content);
    List<String> texts = new ArrayList<>();
    for (JsonNode part : content) {
      String type = part.path("type").asText();
      if (!type.equals("text")) {
        throw ApiException.unsupported(
            name, "'%s' has a part of type '%s', and only text is read", name, type);
      }
      Fields.check(part.path("text").isTextual(), name, "made of parts with a text", part);
      texts.add(part.path("text").textValue());
    }
    return String.join("\n", texts);
  }
}
