package io.proxytune.core.message;

import io.proxytune.ChatTemplateException;
import io.proxytune.Prompt;
import io.proxytune.Tokenizer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Conversations in chat templates, which are told of the tools. */
public final class ChatRendering {
  /**
   * What templates know the tools by; the second where they are deaf to the first, as SmolLM3's.
   */
  public static final List<String> TOOL_VARIABLES = List.of("tools", "xml_tools");

  private ChatRendering() {}

  /**
   * Renders a conversation, with the assistant's turn open at its end.
   *
   * @param prompt a prompt that is a conversation
   * @param tokenizer has the template
   * @return the text that a model reads
   * @throws ChatTemplateException if there is no template, or it refuses the conversation
   */
  public static String of(Prompt prompt, Tokenizer tokenizer) {
    if (prompt.tools().isEmpty()) {
      return render(prompt, tokenizer, prompt.chatVariables());
    }
    List<Map<String, Object>> tools = TemplateValues.of(prompt.tools());
    String told = render(prompt, tokenizer, with(prompt, TOOL_VARIABLES.get(0), tools));
    return told.equals(untold(prompt, tokenizer))
        ? render(prompt, tokenizer, with(prompt, TOOL_VARIABLES.get(1), tools))
        : told;
  }

  private static Map<String, Object> with(Prompt prompt, String name, Object tools) {
    Map<String, Object> variables = new HashMap<>(prompt.chatVariables());
    variables.put(name, tools);
    return variables;
  }

  /** A template that refuses the conversation without tools is not deaf to them. */
  private static String untold(Prompt prompt, Tokenizer tokenizer) {
    try {
      return render(prompt, tokenizer, prompt.chatVariables());
    } catch (ChatTemplateException e) {
      return "";
    }
  }

  private static String render(Prompt prompt, Tokenizer tokenizer, Map<String, ?> variables) {
    return tokenizer.renderChat(prompt.messages().orElseThrow(), true, variables);
  }
}
