package io.proxytune.core.chat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.proxytune.ToolCall;
import io.proxytune.core.files.InvalidJsonException;
import io.proxytune.core.files.JsonOutput;
import io.proxytune.core.files.JsonText;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Takes the calls of tools out of an answer as it comes. What looks like a call and is none, such
 * as one whose arguments are no JSON, stays text, so that nothing of an answer is lost; white space
 * around calls is.
 *
 * <p><b>Threads:</b> used by one thread at a time.
 */
public final class ToolCallParser {
  static final String DEEPSEEK_BEGIN = "<｜tool▁call▁begin｜>";
  static final String DEEPSEEK_SEPARATOR = "<｜tool▁sep｜>";
  static final String DEEPSEEK_END = "<｜tool▁call▁end｜>";

  static final String MISTRAL_MARK = "[TOOL_CALLS]";

  private final AnswerText answer;
  private final List<AnswerPart> parts = new ArrayList<>();

  /**
   * Begins an answer.
   *
   * @param format how the model writes calls
   */
  public ToolCallParser(ToolCallFormat format) {
    this(
        switch (format) {
          case HERMES ->
              new MarkedCalls("<tool_call>", "</tool_call>", List.of(), ToolCallParser::callOfJson);
          case DEEPSEEK ->
              new MarkedCalls(
                  DEEPSEEK_BEGIN,
                  DEEPSEEK_END,
                  List.of("<｜tool▁calls▁begin｜>", "<｜tool▁calls▁end｜>"),
                  ToolCallParser::callOfDeepSeek);
          case LLAMA -> new WholeAnswer("{", "<|python_tag|>");
          case MISTRAL -> new WholeAnswer("[", MISTRAL_MARK);
          case HARMONY -> new Channels(true, false);
        });
  }

  ToolCallParser(AnswerText answer) {
    this.answer = answer;
  }

  /** Finds calls in a text that grows. */
  interface AnswerText {
    /** Takes more of the text, and gives what is certain. */
    void add(String text, List<AnswerPart> parts);

    /** The text has ended. */
    void finish(List<AnswerPart> parts);
  }

  /**
   * Takes more of the answer.
   *
   * @param text the text that follows
   * @return what is certain now, in order; often nothing
   */
  public List<AnswerPart> add(String text) {
    answer.add(text, parts);
    return taken();
  }

  /**
   * Ends the answer.
   *
   * @return what was held back
   */
  public List<AnswerPart> finish() {
    answer.finish(parts);
    return taken();
  }

  private List<AnswerPart> taken() {
    List<AnswerPart> taken = parts.stream().filter(part -> !part.isEmpty()).toList();
    parts.clear();
    return taken;
  }

  /**
   * Takes a whole answer apart.
   *
   * @param format how the model writes calls
   * @param text the answer
   * @return its text and calls, in order
   */
  public static List<AnswerPart> parse(ToolCallFormat format, String text) {
    ToolCallParser parser = new ToolCallParser(format);
    List<AnswerPart> parts = new ArrayList<>(parser.add(text));
    parts.addAll(parser.finish());
    return parts;
  }

  static Optional<ToolCall> callOfJson(String text) {
    try {
      return call(JsonText.parse(text));
    } catch (InvalidJsonException e) {
      return Optional.empty();
    }
  }

  /** A call as {@code {"name": …, "arguments": …}}; some write {@code parameters}. */
  static Optional<ToolCall> call(JsonNode json) {
    JsonNode name = json.path("name");
    JsonNode given = json.has("arguments") ? json.path("arguments") : json.path("parameters");
    if (!json.isObject() || !name.isTextual() || name.textValue().isEmpty()) {
      return Optional.empty();
    }
    return arguments(given)
        .map(arguments -> ToolCall.of(name.textValue(), arguments))
        .map(call -> json.path("id").isTextual() ? call.withId(json.path("id").asText()) : call);
  }

  /** Arguments are an object, or the text of one; no arguments are an empty one. */
  private static Optional<String> arguments(JsonNode given) {
    if (given.isMissingNode() || given.isNull()) {
      return Optional.of("{}");
    }
    if (given.isTextual()) {
      return objectOf(given.textValue());
    }
    return given.isObject() ? Optional.of(JsonOutput.compact(given)) : Optional.empty();
  }

  static Optional<String> objectOf(String text) {
    try {
      JsonNode json = JsonText.parse(text);
      return json.isObject() ? Optional.of(JsonOutput.compact(json)) : Optional.empty();
    } catch (InvalidJsonException e) {
      return Optional.empty();
    }
  }

  /** What stands between DeepSeek's marks: a type, the name, and arguments in a block. */
  private static Optional<ToolCall> callOfDeepSeek(String text) {
    int name = text.indexOf(DEEPSEEK_SEPARATOR);
    int block = text.indexOf("\n");
    int close = text.lastIndexOf("```");
    int open = text.indexOf("```json");
    if (name < 0 || block < name || open < block || close <= open) {
      return Optional.empty();
    }
    String called = text.substring(name + DEEPSEEK_SEPARATOR.length(), block).strip();
    return called.isEmpty()
        ? Optional.empty()
        : objectOf(text.substring(open + "```json".length(), close))
            .map(arguments -> ToolCall.of(called, arguments));
  }

  /** A text as JSON has it. */
  static String quoted(String text) {
    return JsonOutput.compact(TextNode.valueOf(text));
  }
}
