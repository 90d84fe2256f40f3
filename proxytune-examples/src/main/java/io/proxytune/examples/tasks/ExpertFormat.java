package io.proxytune.examples.tasks;

import io.proxytune.ChatMessage;
import io.proxytune.Prompt;
import io.proxytune.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** How a tuned model reads what it is asked. The base and anti-experts read plain text. */
public enum ExpertFormat {
  /** As the base does. */
  PLAIN,
  /** Between {@code [INST]} and {@code [/INST]}, as the paper has it for Llama 2's chat models. */
  INST,
  /** In the model's own chat template. */
  CHAT;

  /**
   * The prompt of a tuned model alone.
   *
   * @param system the system's message, empty for none
   */
  public Prompt alone(Ask ask, String system) {
    return switch (this) {
      case PLAIN -> Prompt.of(ask.plain());
      case INST -> Prompt.of(instruct(" ", "", PythonText.strip(ask.message()), ask, system));
      case CHAT -> chat(ask.message(), ask, system);
    };
  }

  /** The prompt of a base that tuned models steer. */
  public Prompt steered(Ask ask, String system) {
    return switch (this) {
      case PLAIN -> Prompt.of(ask.plain());
      case INST ->
          Prompt.of(ask.plain())
              .withText(Role.EXPERT, instruct("", " ", ask.expertMessage(), ask, system));
      case CHAT ->
          chat(ask.expertMessage(), ask, system)
              .withText(Role.BASE, ask.plain())
              .withText(Role.ANTI_EXPERT, ask.plain());
    };
  }

  /** The published code puts a blank before the system's message, or behind it. */
  private static String instruct(
      String before, String behind, String message, Ask ask, String system) {
    String told =
        system.isEmpty() ? " " : before + "<<SYS>>\n" + system + "\n<</SYS>>\n\n" + behind;
    String prefix = ask.prefix().isEmpty() ? "" : " " + ask.prefix();
    return "[INST]" + told + message + " [/INST]" + prefix;
  }

  private static Prompt chat(String message, Ask ask, String system) {
    List<ChatMessage> messages = new ArrayList<>();
    if (!system.isEmpty()) {
      messages.add(ChatMessage.system(system));
    }
    messages.add(ChatMessage.user(message));
    return Prompt.chat(messages).withResponsePrefix(ask.prefix());
  }

  /** Words for the formats. */
  public static final class Converter implements ITypeConverter<ExpertFormat> {
    @Override
    public ExpertFormat convert(String value) {
      return switch (value.toLowerCase(Locale.ROOT)) {
        case "plain" -> PLAIN;
        case "inst" -> INST;
        case "chat" -> CHAT;
        default ->
            throw new TypeConversionException("expected plain, inst or chat, got '" + value + "'");
      };
    }
  }
}
