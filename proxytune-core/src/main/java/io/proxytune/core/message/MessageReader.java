package io.proxytune.core.message;

import com.fasterxml.jackson.databind.JsonNode;
import io.proxytune.ChatMessage;
import io.proxytune.ToolCall;
import io.proxytune.core.files.JsonOutput;
import io.proxytune.core.files.JsonText;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Reads the turns of a conversation from JSON in OpenAI's form. What a template would not be told
 * of is refused by its name, so that nothing is lost in silence.
 */
public final class MessageReader {
  private static final Set<String> READ =
      Set.of(
          "role",
          "content",
          "tool_calls",
          "tool_call_id",
          "name",
          "reasoning_content",
          "reasoning");

  /** What an answer of OpenAI's has, and a conversation repeats, without a part in what is said. */
  private static final Set<String> PASSED_OVER = Set.of("annotations");

  private static final Set<String> CALL = Set.of("id", "type", "index", "function");

  private MessageReader() {}

  /**
   * Reads a conversation.
   *
   * @param place what it is called in messages, such as {@code messages}
   * @param list a list of objects
   * @return the turns, at least one
   * @throws InvalidMessageException if it is no such list
   */
  public static List<ChatMessage> read(String place, JsonNode list) {
    if (!list.isArray() || list.isEmpty()) {
      throw InvalidMessageException.malformed(
          place,
          "%s must hold a JSON list of {\"role\": ..., \"content\": ...}, not empty, got %s",
          place,
          JsonText.show(list));
    }
    List<ChatMessage> messages = new ArrayList<>();
    for (JsonNode turn : list) {
      messages.add(message(place + "[" + messages.size() + "]", turn));
    }
    return messages;
  }

  private static ChatMessage message(String place, JsonNode turn) {
    requireObject(place, turn);
    refuseUnknown(place, turn, READ);
    String role =
        text(place, turn, "role")
            .filter(it -> !it.isEmpty())
            .orElseThrow(
                () ->
                    InvalidMessageException.malformed(
                        place + ".role",
                        "%s needs a role, such as user, in \"role\", got %s",
                        place,
                        JsonText.show(turn.path("role"))));
    List<ToolCall> calls = calls(place + ".tool_calls", turn.path("tool_calls"));
    return new ChatMessage(
        role,
        content(place + ".content", turn.path("content"), !calls.isEmpty()),
        calls,
        text(place, turn, "tool_call_id"),
        text(place, turn, "name"),
        text(place, turn, "reasoning_content").or(() -> text(place, turn, "reasoning")));
  }

  /** What is null is as good as absent. */
  private static void refuseUnknown(String place, JsonNode object, Set<String> known) {
    for (Map.Entry<String, JsonNode> field : object.properties()) {
      String name = field.getKey();
      boolean said = !field.getValue().isNull() && !PASSED_OVER.contains(name);
      if (said && !known.contains(name)) {
        throw InvalidMessageException.unsupported(
            place + "." + name,
            "%s has \"%s\", which is not supported; known are %s",
            place,
            name,
            String.join(", ", new TreeSet<>(known)));
      }
    }
  }

  private static List<String> content(String place, JsonNode content, boolean calls) {
    if (content.isTextual()) {
      return List.of(content.textValue());
    } else if (calls && (content.isNull() || content.isMissingNode())) {
      return List.of();
    } else if (!content.isArray() || content.isEmpty()) {
      throw InvalidMessageException.malformed(
          place, "%s must be a text or a list of parts, got %s", place, JsonText.show(content));
    }
    List<String> parts = new ArrayList<>();
    for (JsonNode part : content) {
      parts.add(part(place, part));
    }
    return parts;
  }

  private static String part(String place, JsonNode part) {
    String type = part.path("type").asText();
    if (part.isObject() && !type.isEmpty() && !type.equals("text")) {
      throw InvalidMessageException.unsupported(
          place, "%s has a part of type '%s', and only text is read", place, type);
    }
    if (!type.equals("text") || !part.path("text").isTextual()) {
      throw InvalidMessageException.malformed(
          place,
          "%s must be made of parts {\"type\": \"text\", \"text\": ...}, got %s",
          place,
          JsonText.show(part));
    }
    return part.path("text").textValue();
  }

  private static List<ToolCall> calls(String place, JsonNode list) {
    if (list.isMissingNode() || list.isNull()) {
      return List.of();
    }
    if (!list.isArray()) {
      throw InvalidMessageException.malformed(
          place, "%s must be a list of calls, got %s", place, JsonText.show(list));
    }
    List<ToolCall> calls = new ArrayList<>();
    for (JsonNode call : list) {
      calls.add(call(place + "[" + calls.size() + "]", call));
    }
    return calls;
  }

  /** OpenAI's form, or, as templates' documentation has it, the function with an object. */
  private static ToolCall call(String place, JsonNode call) {
    requireObject(place, call);
    refuseUnknown(place, call, CALL);
    String type = call.path("type").asText("function");
    if (!type.equals("function")) {
      throw InvalidMessageException.unsupported(
          place, "%s is a call of type '%s', and only functions are called", place, type);
    }
    JsonNode function = call.path("function");
    String name = function.path("name").asText();
    if (name.isEmpty()) {
      throw InvalidMessageException.malformed(
          place, "%s needs the function's name in function.name, got %s", place, show(call));
    }
    String arguments = arguments(place + ".function.arguments", function.path("arguments"));
    return new ToolCall(text(place, call, "id"), name, arguments);
  }

  private static String arguments(String place, JsonNode arguments) {
    if (arguments.isTextual()) {
      return arguments.textValue();
    } else if (arguments.isObject()) {
      return JsonOutput.compact(arguments);
    } else if (arguments.isMissingNode() || arguments.isNull()) {
      return "{}";
    }
    throw InvalidMessageException.malformed(
        place, "%s must be a JSON object, or one as a text, got %s", place, show(arguments));
  }

  private static Optional<String> text(String place, JsonNode object, String name) {
    JsonNode value = object.path(name);
    if (value.isMissingNode() || value.isNull()) {
      return Optional.empty();
    }
    if (!value.isTextual()) {
      throw InvalidMessageException.malformed(
          place + "." + name, "%s.%s must be a text, got %s", place, name, show(value));
    }
    return Optional.of(value.textValue());
  }

  private static void requireObject(String place, JsonNode value) {
    if (!value.isObject()) {
      throw InvalidMessageException.malformed(
          place, "%s must be an object, got %s", place, show(value));
    }
  }

  private static String show(JsonNode value) {
    return JsonText.show(value);
  }
}
