package io.proxytune.core.message;

import com.fasterxml.jackson.databind.JsonNode;
import io.proxytune.Tool;
import io.proxytune.ToolCall;
import io.proxytune.core.files.InvalidJsonException;
import io.proxytune.core.files.JsonOutput;
import io.proxytune.core.files.JsonText;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Finds the calls of tools in what a model wrote, in the forms that chat templates teach:
 *
 * <ul>
 *   <li>{@code <tool_call>{"name": …, "arguments": {…}}</tool_call>}, as Hermes, Qwen and SmolLM
 *       do,
 *   <li>{@code {"name": …, "parameters": {…}}}, with or without {@code <|python_tag|>}, as Llama 3
 *       does,
 *   <li>{@code [{"name": …, "arguments": {…}}]}, with or without {@code [TOOL_CALLS]}, as Mistral
 *       does,
 *   <li>{@code function<｜tool▁sep｜>NAME} with arguments in a block of {@code json}, as DeepSeek
 *       does.
 * </ul>
 *
 * <p>JSON without a mark is a call only where it is the whole text and names a tool that the model
 * was told of. What is in none of these forms, or holds no JSON, is text like any other.
 *
 * <p><b>Threads:</b> safe for use by several threads.
 */
public final class ToolCallParser {
  /** What a call begins with, if it is marked. */
  static final List<String> MARKS =
      List.of(
          "<tool_call>",
          "[TOOL_CALLS]",
          "<|python_tag|>",
          "<｜tool▁calls▁begin｜>",
          "<｜tool▁call▁begin｜>");

  private static final Pattern TAGGED =
      Pattern.compile("<tool_call>(.*?)(?:</tool_call>|\\z)", Pattern.DOTALL);

  private static final Pattern NAMED =
      Pattern.compile(
          "<｜tool▁call▁begin｜>function<｜tool▁sep｜>([^\\n]+)\\n```json\\n(.*?)\\n```",
          Pattern.DOTALL);

  private static final Pattern BETWEEN = Pattern.compile("(?<=\\})\\s*;\\s*(?=\\{)");

  private final Set<String> names;

  /**
   * What a model wrote.
   *
   * @param text what it says besides
   * @param calls the tools that it asks for, without ids
   */
  public record Parsed(String text, List<ToolCall> calls) {
    public Parsed {
      calls = List.copyOf(calls);
    }
  }

  /**
   * Prepares to find calls.
   *
   * @param tools what the model was told of; where there are none, nothing is a call
   */
  public ToolCallParser(Collection<Tool> tools) {
    names = tools.stream().map(Tool::name).collect(Collectors.toUnmodifiableSet());
  }

  boolean hasTools() {
    return !names.isEmpty();
  }

  /**
   * Finds the calls in a text.
   *
   * @param text all that the model wrote
   * @return the calls and the text before them; the text as it is where there are none
   */
  public Parsed parse(String text) {
    if (names.isEmpty()) {
      return new Parsed(text, List.of());
    }
    int mark = MARKS.stream().mapToInt(text::indexOf).filter(at -> at >= 0).min().orElse(-1);
    List<ToolCall> calls = mark >= 0 ? marked(text.substring(mark)) : bare(text);
    return calls.isEmpty()
        ? new Parsed(text, List.of())
        : new Parsed(mark > 0 ? text.substring(0, mark).stripTrailing() : "", calls);
  }

  private static List<ToolCall> marked(String text) {
    if (text.startsWith("<tool_call>")) {
      return matches(TAGGED.matcher(text), match -> objects(match.group(1)));
    } else if (text.startsWith("<｜")) {
      return matches(NAMED.matcher(text), match -> named(match.group(1), match.group(2)));
    }
    String mark = text.startsWith("[") ? "[TOOL_CALLS]" : "<|python_tag|>";
    return objects(text.substring(mark.length()));
  }

  private List<ToolCall> bare(String text) {
    List<ToolCall> calls = objects(text);
    return calls.stream().allMatch(call -> names.contains(call.name())) ? calls : List.of();
  }

  /** Finds the calls in a match. */
  private interface Reader {
    List<ToolCall> read(Matcher match);
  }

  /** The calls of all matches, or none where one holds none. */
  private static List<ToolCall> matches(Matcher matcher, Reader reader) {
    List<ToolCall> calls = new ArrayList<>();
    while (matcher.find()) {
      List<ToolCall> found = reader.read(matcher);
      if (found.isEmpty()) {
        return List.of();
      }
      calls.addAll(found);
    }
    return calls;
  }

  private static List<ToolCall> named(String name, String arguments) {
    return json(arguments)
        .filter(JsonNode::isObject)
        .map(json -> List.of(ToolCall.of(name.strip(), JsonOutput.compact(json))))
        .orElse(List.of());
  }

  /** An object, a list of objects, or objects with semicolons between; none if one is no call. */
  private static List<ToolCall> objects(String text) {
    Optional<JsonNode> whole = json(text);
    List<ToolCall> calls = new ArrayList<>();
    if (whole.isPresent()) {
      List<JsonNode> items = new ArrayList<>();
      if (whole.get().isArray()) {
        whole.get().forEach(items::add);
      } else {
        items.add(whole.get());
      }
      items.forEach(item -> call(item).ifPresent(calls::add));
      return calls.size() == items.size() ? calls : List.of();
    }
    String[] parts = BETWEEN.split(text, -1);
    for (String part : parts) {
      json(part).flatMap(ToolCallParser::call).ifPresent(calls::add);
    }
    return calls.size() == parts.length ? calls : List.of();
  }

  private static Optional<ToolCall> call(JsonNode json) {
    JsonNode name = json.path("name");
    JsonNode arguments = json.has("arguments") ? json.path("arguments") : json.path("parameters");
    if (arguments.isTextual()) {
      arguments = json(arguments.textValue()).orElse(arguments);
    }
    return name.isTextual() && !name.textValue().isEmpty() && arguments.isObject()
        ? Optional.of(ToolCall.of(name.textValue(), JsonOutput.compact(arguments)))
        : Optional.empty();
  }

  private static Optional<JsonNode> json(String text) {
    try {
      return Optional.of(JsonText.parse(text.strip())).filter(json -> !json.isMissingNode());
    } catch (InvalidJsonException e) {
      return Optional.empty(); // text like any other
    }
  }
}
