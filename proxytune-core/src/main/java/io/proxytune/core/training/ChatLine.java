package io.proxytune.core.training;

import static com.google.common.base.Strings.lenientFormat;

import com.fasterxml.jackson.databind.JsonNode;
import io.proxytune.ChatMessage;
import io.proxytune.core.files.InvalidJsonException;
import io.proxytune.core.files.JsonText;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Parses a line of chat data. */
final class ChatLine {
  static final String FORM =
      "{\"messages\":[{\"role\":\"user\",\"content\":\"…\"},"
          + "{\"role\":\"assistant\",\"content\":\"…\"}]}";

  private static final Set<String> ROLES = Set.of("system", "user", "assistant");

  private ChatLine() {}

  static List<ChatMessage> parse(String line, DataLine where) {
    JsonNode list = json(line, where).path("messages");
    if (!list.isArray() || list.isEmpty()) {
      throw where.refusal("expected a list of messages that is not empty, as in " + FORM);
    }
    List<ChatMessage> messages = new ArrayList<>();
    for (JsonNode message : list) {
      messages.add(message(message, messages.size(), where));
    }
    if (messages.stream().noneMatch(message -> message.role().equals("assistant"))) {
      throw where.refusal("no message has the role assistant, so there is no answer to learn");
    }
    return messages;
  }

  private static JsonNode json(String line, DataLine where) {
    try {
      return JsonText.parse(line);
    } catch (InvalidJsonException e) {
      throw where.refusal(
          lenientFormat(
              "no valid JSON: column %s: %s; each line must be one object %s",
              e.column(), e.problem(), FORM),
          e);
    }
  }

  private static ChatMessage message(JsonNode message, int index, DataLine where) {
    String name = "messages[" + index + "]";
    JsonNode role = message.path("role");
    if (!role.isTextual() || !ROLES.contains(role.textValue())) {
      throw where.refusal(
          name + ".role must be system, user or assistant, got " + JsonText.show(role));
    }
    JsonNode content = message.path("content");
    if (!content.isTextual() || content.textValue().isBlank()) {
      throw where.refusal(
          name + ".content must be a text that is not blank, got " + JsonText.show(content));
    }
    return new ChatMessage(role.textValue(), content.textValue());
  }
}
