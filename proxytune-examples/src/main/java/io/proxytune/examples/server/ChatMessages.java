package io.proxytune.examples.server;

import com.fasterxml.jackson.databind.JsonNode;
import io.proxytune.ChatMessage;
import io.proxytune.core.message.InvalidMessageException;
import io.proxytune.core.message.MessageReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Reads the turns of a conversation. */
final class ChatMessages {
  private static final Set<String> ROLES =
      Set.of("system", "developer", "user", "assistant", "tool");

  private ChatMessages() {}

  static List<ChatMessage> read(JsonNode list) {
    try {
      List<ChatMessage> messages = new ArrayList<>();
      for (ChatMessage message : MessageReader.read("messages", list)) {
        messages.add(served(messages.size(), message));
      }
      return messages;
    } catch (InvalidMessageException e) {
      String code = e.isUnsupported() ? ApiException.UNSUPPORTED : null;
      throw ApiException.badRequest(e.place(), code, String.valueOf(e.getMessage()));
    }
  }

  /** What OpenAI calls a developer's instructions are system messages to templates. */
  private static ChatMessage served(int index, ChatMessage message) {
    if (!ROLES.contains(message.role())) {
      throw ApiException.bad(
          "messages[" + index + "].role",
          "'messages[%s].role' must be system, developer, user, assistant or tool, got '%s'",
          index,
          message.role());
    }
    return message.role().equals("developer") ? message.withRole("system") : message;
  }
}
