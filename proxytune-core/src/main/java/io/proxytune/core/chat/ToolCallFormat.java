package io.proxytune.core.chat;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.Maps;
import io.proxytune.ChatMessage;
import io.proxytune.ChatTemplateException;
import io.proxytune.Constraint;
import io.proxytune.Tokenizer;
import io.proxytune.Tool;
import io.proxytune.ToolCall;
import io.proxytune.core.message.ChatRendering;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How a model writes that it wants a tool to be called. Chat templates show it: each has its own.
 *
 * <p><b>Threads:</b> safe for use by several threads.
 */
public enum ToolCallFormat {
  /**
   * {@code <tool_call>\n{"name": …, "arguments": {…}}\n</tool_call>}, any number of them, with text
   * before: Hermes, Qwen 2.5 and 3, SmolLM3.
   */
  HERMES("<tool_call>\n{\"name\": ", ", \"arguments\": ", "}\n</tool_call>"),
  /** An answer that is {@code {"name": …, "parameters": {…}}} alone: Llama 3.1 to 3.3. */
  LLAMA("{\"name\": ", ", \"parameters\": ", "}"),
  /**
   * An answer that is a list {@code [{"name": …, "arguments": {…}}]} behind the special token
   * {@code [TOOL_CALLS]}, which leaves no text: Mistral. Where a vocabulary has that token, a model
   * that has to call may begin with it or without.
   */
  MISTRAL("[{\"name\": ", ", \"arguments\": ", "}]"),
  /**
   * {@code <｜tool▁call▁begin｜>function<｜tool▁sep｜>NAME\n```json\n{…}\n```<｜tool▁call▁end｜>}:
   * DeepSeek V3 and R1, and what was distilled from them.
   */
  DEEPSEEK(
      ToolCallParser.DEEPSEEK_BEGIN + "function" + ToolCallParser.DEEPSEEK_SEPARATOR,
      "\n```json\n",
      "\n```" + ToolCallParser.DEEPSEEK_END),
  /**
   * A message of its own, {@code <|channel|>commentary to=functions.NAME
   * <|constrain|>json<|message|>{…}<|call|>}, whose marks are special tokens: gpt-oss. What is
   * written with the name before the channel is read, too.
   */
  HARMONY("commentary to=functions.", " ", "");

  private static final String PROBE = "probe_of_tools";

  private final String beforeName;
  private final String beforeArguments;
  private final String end;

  ToolCallFormat(String beforeName, String beforeArguments, String end) {
    this.beforeName = beforeName;
    this.beforeArguments = beforeArguments;
    this.end = end;
  }

  /**
   * The format of a chat template, told from what it makes of a tool and a call of it.
   *
   * @param tokenizer the tokenizer with the template
   * @return the format; nothing where the template has no tools, or writes calls otherwise
   */
  public static Optional<ToolCallFormat> of(Tokenizer tokenizer) {
    if (!tokenizer.hasChatTemplate()) {
      return Optional.empty();
    }
    ChatMessage question = ChatMessage.user("?");
    ChatMessage call =
        ChatMessage.assistant("")
            .withToolCalls(List.of(ToolCall.of(PROBE, "{\"x\": 1}").withId("abcdefghi")));
    String shown =
        rendered(tokenizer, List.of(question, call)) + rendered(tokenizer, List.of(question));
    if (shown.contains("<tool_call>")) {
      return Optional.of(HERMES);
    } else if (shown.contains(ToolCallParser.MISTRAL_MARK)) {
      return Optional.of(MISTRAL);
    } else if (shown.contains(ToolCallParser.DEEPSEEK_BEGIN)) {
      return Optional.of(DEEPSEEK);
    } else if (shown.contains("to=functions." + PROBE)) {
      return Optional.of(HARMONY);
    }
    boolean isLlama = shown.contains("{\"name\": \"" + PROBE + "\", \"parameters\":");
    return isLlama ? Optional.of(LLAMA) : Optional.empty();
  }

  private static String rendered(Tokenizer tokenizer, List<ChatMessage> messages) {
    Map<String, Object> function =
        Map.of("name", PROBE, "description", "", "parameters", Map.of("type", "object"));
    Map<String, Object> tool = Map.of("type", "function", "function", function);
    try {
      return tokenizer.renderChat(
          messages, false, Maps.toMap(ChatRendering.TOOL_VARIABLES, name -> List.of(tool)));
    } catch (ChatTemplateException e) {
      return ""; // this one it refuses
    }
  }

  /**
   * Answers that are one call of one of some tools, with arguments as their schemas say.
   *
   * @param tools the tools, at least one
   * @return the form of such an answer
   */
  public Constraint call(List<Tool> tools) {
    checkArgument(!tools.isEmpty(), "a call needs a tool, got none");
    Constraint call = tools.stream().map(this::call).reduce(Constraint::or).orElseThrow();
    return this == MISTRAL
        ? Constraint.specialToken(ToolCallParser.MISTRAL_MARK).then(call).or(call)
        : call;
  }

  private Constraint call(Tool tool) {
    if (this == HARMONY) {
      return ReasoningFormat.mark(Channels.CHANNEL)
          .then(beforeName + tool.name() + beforeArguments)
          .then(ReasoningFormat.mark(Channels.CONSTRAIN))
          .then("json")
          .then(ReasoningFormat.mark(Channels.MESSAGE))
          .then(Constraint.jsonSchema(tool.parameters()));
    }
    String name = this == DEEPSEEK ? tool.name() : ToolCallParser.quoted(tool.name());
    return Constraint.choice(beforeName + name + beforeArguments)
        .then(Constraint.jsonSchema(tool.parameters()))
        .then(end);
  }
}
