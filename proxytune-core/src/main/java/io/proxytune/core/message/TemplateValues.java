package io.proxytune.core.message;

import static com.google.common.base.Strings.lenientFormat;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.proxytune.ChatMessage;
import io.proxytune.ChatTemplateException;
import io.proxytune.Tool;
import io.proxytune.ToolCall;
import io.proxytune.core.files.InvalidJsonException;
import io.proxytune.core.files.JsonOutput;
import io.proxytune.core.files.JsonText;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What a chat template sees of messages and tools: maps, lists and texts, as Python would have. */
public final class TemplateValues {
  private static final ObjectMapper MAPPER = JsonOutput.mapper();

  private TemplateValues() {}

  /** What a turn that only calls tools has for its content. */
  public enum EmptyContent {
    /** No content at all. */
    ABSENT,
    /** Null, as in OpenAI's form. */
    NULL,
    /** An empty text. */
    TEXT
  }

  /**
   * In which form a template is given what has several.
   *
   * @param parts whether content of several parts is a list
   * @param empty what a turn that only calls tools has for its content
   * @param parsedArguments whether the arguments of calls are objects, and not JSON as text
   */
  public record Form(boolean parts, EmptyContent empty, boolean parsedArguments) {
    /**
     * The forms for a conversation with calls, in the order in which templates expect them.
     *
     * @param parts whether content of several parts is a list
     * @return the forms; the first that renders is right
     */
    public static List<Form> ofCalls(boolean parts) {
      return Arrays.stream(EmptyContent.values())
          .flatMap(empty -> Stream.of(new Form(parts, empty, true), new Form(parts, empty, false)))
          .toList();
    }
  }

  /**
   * A message.
   *
   * @param message the message
   * @param form what the template reads
   * @return its values by name
   * @throws ChatTemplateException if the arguments of a call are no JSON object
   */
  public static Map<String, @Nullable Object> of(ChatMessage message, Form form) {
    Map<String, @Nullable Object> values = new LinkedHashMap<>();
    values.put("role", message.role());
    putContent(values, message, form);
    message
        .reasoning()
        .ifPresent(
            thoughts -> {
              values.put("reasoning_content", thoughts);
              values.put("thinking", thoughts); // its name in some templates
            });
    message.name().ifPresent(name -> values.put("name", name));
    message.toolCallId().ifPresent(id -> values.put("tool_call_id", id));
    if (!message.toolCalls().isEmpty()) {
      values.put(
          "tool_calls",
          message.toolCalls().stream().map(call -> call(call, form.parsedArguments())).toList());
    }
    return values;
  }

  private static void putContent(
      Map<String, @Nullable Object> values, ChatMessage message, Form form) {
    if (form.parts() && message.parts().size() > 1) {
      values.put("content", parts(message));
    } else if (!message.content().isEmpty() || message.toolCalls().isEmpty()) {
      values.put("content", message.content());
    } else if (form.empty() != EmptyContent.ABSENT) {
      values.put("content", form.empty() == EmptyContent.NULL ? null : "");
    }
  }

  private static List<Map<String, String>> parts(ChatMessage message) {
    return message.parts().stream()
        .map(
            text -> {
              Map<String, String> part = new LinkedHashMap<>();
              part.put("type", "text");
              part.put("text", text);
              return part;
            })
        .toList();
  }

  private static Map<String, Object> call(ToolCall call, boolean parsedArguments) {
    Map<String, Object> function = new LinkedHashMap<>();
    function.put("name", call.name());
    Map<String, Object> arguments =
        object(call.arguments(), "the arguments of a call of the tool " + call.name());
    function.put("arguments", parsedArguments ? arguments : call.arguments());
    Map<String, Object> values = new LinkedHashMap<>();
    call.id().ifPresent(id -> values.put("id", id));
    values.put("type", "function");
    values.put("function", function);
    return values;
  }

  /**
   * Tools.
   *
   * @param tools the tools
   * @return for each its type and function
   * @throws ChatTemplateException if the parameters of a tool are no JSON object
   */
  public static List<Map<String, Object>> of(List<Tool> tools) {
    return tools.stream().map(TemplateValues::tool).toList();
  }

  private static Map<String, Object> tool(Tool tool) {
    Map<String, Object> function = new LinkedHashMap<>();
    function.put("name", tool.name());
    function.put("description", tool.description());
    function.put(
        "parameters", object(tool.parameters(), "the parameters of the tool " + tool.name()));
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("type", "function");
    values.put("function", function);
    return values;
  }

  private static Map<String, Object> object(String text, String what) {
    try {
      JsonNode json = JsonText.parse(text);
      if (json.isObject()) {
        return MAPPER.convertValue(json, new TypeReference<LinkedHashMap<String, Object>>() {});
      }
      throw new ChatTemplateException(
          lenientFormat("%s must be a JSON object, got %s", what, JsonText.show(json)));
    } catch (InvalidJsonException e) {
      throw new ChatTemplateException(
          lenientFormat(
              "%s must be a JSON object, got %s: %s", what, JsonText.cut(text), e.getMessage()),
          e);
    }
  }
}
