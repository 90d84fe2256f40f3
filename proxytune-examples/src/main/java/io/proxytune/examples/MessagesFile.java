package io.proxytune.examples;

import com.fasterxml.jackson.databind.JsonNode;
import io.proxytune.ChatMessage;
import io.proxytune.core.files.InvalidJsonException;
import io.proxytune.core.files.JsonText;
import io.proxytune.examples.cli.Usage;
import java.util.ArrayList;
import java.util.List;

/** Reads a conversation from a JSON list of objects with {@code role} and {@code content}. */
final class MessagesFile {
  private MessagesFile() {}

  static List<ChatMessage> parse(String name, String text) {
    return messages(name, tree(name, text));
  }

  /** The same of what was read. */
  static List<ChatMessage> messages(String name, JsonNode list) {
    Usage.check(
        list.isArray() && !list.isEmpty(),
        "%s must hold a JSON list of {\"role\": ..., \"content\": ...}, not empty, got %s",
        name,
        list.getNodeType());
    List<ChatMessage> messages = new ArrayList<>();
    for (JsonNode turn : list) {
      messages.add(message(name, messages.size(), turn));
    }
    return messages;
  }

  private static JsonNode tree(String name, String text) {
    try {
      return JsonText.parse(text);
    } catch (InvalidJsonException e) {
      throw new IllegalArgumentException(name + " is no JSON, " + e.getMessage(), e);
    }
  }

  private static ChatMessage message(String name, int index, JsonNode turn) {
    JsonNode role = turn.path("role");
    JsonNode content = turn.path("content");
    Usage.check(
        role.isTextual() && !role.textValue().isEmpty() && content.isTextual(),
        "%s: message %s needs the texts \"role\" and \"content\", got %s",
        name,
        index,
        turn);
    return new ChatMessage(role.textValue(), content.textValue());
  }
}
