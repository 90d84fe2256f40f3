package io.proxytune.core.tokenizer;

import static java.util.Objects.requireNonNull;

import com.google.common.base.Supplier;
import com.google.common.base.Suppliers;
import io.proxytune.ChatMessage;
import io.proxytune.ChatTemplateException;
import io.proxytune.core.message.TemplateValues;
import io.proxytune.core.message.TemplateValues.EmptyContent;
import io.proxytune.core.message.TemplateValues.Form;
import io.proxytune.core.tokenizer.jinja.Arguments;
import io.proxytune.core.tokenizer.jinja.Invocable;
import io.proxytune.core.tokenizer.jinja.Template;
import io.proxytune.core.tokenizer.jinja.TemplateException;
import java.time.Clock;
import java.time.LocalDateTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Renders conversations as transformers' {@code apply_chat_template} does.
 *
 * <p><b>Threads:</b> safe for use by several threads.
 */
final class ChatTemplate {
  private static final int MAX_TIME_FORMAT = 1000;
  private static final Form LISTS = new Form(true, EmptyContent.TEXT, true);

  private final String origin;
  private final Template template;
  private final Clock clock;
  private final Supplier<Boolean> readsParts = Suppliers.memoize(this::tryParts);

  private ChatTemplate(String origin, Template template, Clock clock) {
    this.origin = origin;
    this.template = template;
    this.clock = clock;
  }

  /**
   * Parses a template.
   *
   * @param origin where it comes from, for messages
   * @param source the Jinja template
   * @param clock what time {@code strftime_now} tells
   * @return the template
   * @throws ChatTemplateException if it is broken
   */
  static ChatTemplate parse(String origin, String source, Clock clock) {
    try {
      return new ChatTemplate(origin, Template.parse(source), clock);
    } catch (TemplateException e) {
      throw failure(origin, "is broken", e);
    }
  }

  /** A refusal of the template's own. */
  private static final class Refusal extends TemplateException {
    private static final long serialVersionUID = 1L;

    Refusal(String message) {
      super(message);
    }
  }

  /**
   * Renders a conversation.
   *
   * @param messages the turns
   * @param addGenerationPrompt whether to open the assistant's turn
   * @param variables more variables, such as {@code bos_token}
   * @return the prompt
   * @throws ChatTemplateException if the template fails or refuses the conversation
   */
  String render(List<ChatMessage> messages, boolean addGenerationPrompt, Map<String, ?> variables) {
    try {
      return render(variables(addGenerationPrompt, variables), messages);
    } catch (Refusal e) {
      throw new ChatTemplateException(
          "the chat template of " + origin + " refuses this conversation: " + e.getMessage(), e);
    } catch (TemplateException e) {
      throw failure(origin, "can't render this conversation", e);
    }
  }

  /** Renders messages in the first form that this template reads, if it reads one. */
  private String render(Map<String, Object> variables, List<ChatMessage> messages) {
    boolean parts = messages.stream().anyMatch(it -> it.parts().size() > 1) && readsParts.get();
    if (messages.stream().allMatch(it -> it.toolCalls().isEmpty())) {
      return render(variables, messages, new Form(parts, EmptyContent.TEXT, true));
    }
    TemplateException first = null;
    for (Form form : Form.ofCalls(parts)) {
      try {
        return render(variables, messages, form);
      } catch (Refusal e) {
        throw e;
      } catch (TemplateException e) {
        first = first == null ? e : first;
      }
    }
    throw requireNonNull(first);
  }

  private String render(Map<String, Object> variables, List<ChatMessage> messages, Form form) {
    Map<String, Object> all = new HashMap<>(variables);
    all.put("messages", messages.stream().map(it -> TemplateValues.of(it, form)).toList());
    return template.render(all);
  }

  /** Whether the parts of a content come out as texts, and not as a list or not at all. */
  private boolean tryParts() {
    List<String> texts = List.of("first of two", "second of two");
    List<ChatMessage> probe = List.of(ChatMessage.user("").withParts(texts));
    try {
      String rendered =
          render(variables(true, Map.of("bos_token", "", "eos_token", "")), probe, LISTS);
      return texts.stream().allMatch(rendered::contains)
          && !rendered.contains("'text'")
          && !rendered.contains("\"text\"");
    } catch (TemplateException e) {
      return false; // it expects a text
    }
  }

  private static ChatTemplateException failure(String origin, String what, TemplateException e) {
    String line = e.line() > 0 ? " (line " + e.line() + ")" : "";
    return new ChatTemplateException(
        "the chat template of " + origin + " " + what + line + ": " + e.getMessage(), e);
  }

  private Map<String, Object> variables(boolean addGenerationPrompt, Map<String, ?> more) {
    Map<String, Object> variables = new HashMap<>();
    variables.put("raise_exception", (Invocable) ChatTemplate::refuse);
    variables.put("strftime_now", (Invocable) this::now);
    variables.put("tools", null);
    variables.put("documents", null);
    variables.putAll(more);
    variables.put("add_generation_prompt", addGenerationPrompt);
    return variables;
  }

  private static Object refuse(Arguments arguments) {
    throw new Refusal(arguments.requireText(0, "message"));
  }

  private Object now(Arguments arguments) {
    String format = arguments.requireText(0, "format");
    if (format.length() > MAX_TIME_FORMAT) {
      throw new TemplateException(
          "strftime_now takes a format of at most %d chars, got %d"
              .formatted(MAX_TIME_FORMAT, format.length()));
    }
    return Strftime.format(format, LocalDateTime.now(clock));
  }
}
