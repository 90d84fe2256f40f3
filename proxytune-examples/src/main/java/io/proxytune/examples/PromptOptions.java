package io.proxytune.examples;

import io.proxytune.ChatMessage;
import io.proxytune.Prompt;
import io.proxytune.Role;
import io.proxytune.core.ChatJson;
import io.proxytune.examples.cli.TextFiles;
import io.proxytune.examples.cli.Usage;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What each model reads. */
final class PromptOptions {
  @Option(names = "--prompt", paramLabel = "TEXT", description = "The prompt of every model.")
  private @Nullable String text;

  @Option(
      names = "--prompt-file",
      paramLabel = "FILE",
      description =
          "The same from a UTF-8 file, - for standard input; one line break at its end is dropped.")
  private @Nullable Path file;

  @Option(
      names = "--messages",
      paramLabel = "FILE",
      description = "A conversation: a JSON list of {\"role\": ..., \"content\": ...}.")
  private @Nullable Path messages;

  @Option(
      names = "--chat",
      description =
          "The prompt is a user's message: the expert reads it in its chat template, the base"
              + " where there is no expert.")
  private boolean chat;

  @Option(
      names = "--system",
      paramLabel = "TEXT",
      description = "A system message before a conversation.")
  private @Nullable String system;

  @Option(
      names = "--template-roles",
      paramLabel = "ROLE",
      split = ",",
      description = "Who reads the chat template: base, expert, anti-expert, or none.")
  private @Nullable List<String> templateRoles;

  @Option(
      names = "--chat-variable",
      paramLabel = "NAME=VALUE",
      description = "A variable for the chat template; true, false and integers are no strings.")
  private Map<String, String> chatVariables = new LinkedHashMap<>();

  @Option(
      names = "--response-prefix",
      paramLabel = "TEXT",
      description = "What every answer begins with; stands after a chat template.")
  private @Nullable String responsePrefix;

  @Option(
      names = "--base-prompt",
      paramLabel = "TEXT",
      description = "The base's own prompt, taken as it is.")
  private @Nullable String basePrompt;

  @Option(
      names = "--expert-prompt",
      paramLabel = "TEXT",
      description = "The experts' own prompt, taken as it is.")
  private @Nullable String expertPrompt;

  @Option(
      names = "--anti-expert-prompt",
      paramLabel = "TEXT",
      description = "The anti-experts' own prompt, taken as it is.")
  private @Nullable String antiExpertPrompt;

  /**
   * What the options ask for.
   *
   * @param steered whether there are expert pairs
   */
  Prompt prompt(boolean steered, InputStream in) {
    Usage.check(
        steered || (expertPrompt == null && antiExpertPrompt == null),
        "--expert-prompt and --anti-expert-prompt need --expert and --anti-expert");
    Prompt prompt = isChat() ? conversation(spoken(in)) : Prompt.of(plainText(steered, in));
    return withOwnTexts(answered(prompt));
  }

  /** Refuses what has no place beside a file of prompts. */
  void checkBesideFile() {
    Usage.check(
        text == null && file == null && messages == null,
        "--input holds the prompts: leave out --prompt, --prompt-file and --messages");
    Usage.check(
        basePrompt == null && expertPrompt == null && antiExpertPrompt == null,
        "--input holds the prompts: leave out --base-prompt, --expert-prompt and"
            + " --anti-expert-prompt");
  }

  /** A user's message if the options ask for a chat, or else a plain text. */
  Prompt ofText(String given) {
    return chat ? ofMessages(List.of(ChatMessage.user(given))) : answered(Prompt.of(given));
  }

  /** A conversation. */
  Prompt ofMessages(List<ChatMessage> given) {
    return answered(conversation(given));
  }

  private Prompt answered(Prompt prompt) {
    return responsePrefix == null ? prompt : prompt.withResponsePrefix(responsePrefix);
  }

  private boolean isChat() {
    boolean isChat = chat || messages != null;
    Usage.check(
        isChat || (system == null && templateRoles == null && chatVariables.isEmpty()),
        "--system, --template-roles and --chat-variable need --chat or --messages");
    return isChat;
  }

  private Prompt withOwnTexts(Prompt prompt) {
    Prompt result = prompt;
    result = basePrompt == null ? result : result.withText(Role.BASE, basePrompt);
    result = expertPrompt == null ? result : result.withText(Role.EXPERT, expertPrompt);
    return antiExpertPrompt == null ? result : result.withText(Role.ANTI_EXPERT, antiExpertPrompt);
  }

  private Prompt conversation(List<ChatMessage> spoken) {
    Prompt prompt =
        Prompt.chat(turns(spoken)).withChatVariables(ChatVariables.parse(chatVariables));
    return templateRoles == null ? prompt : prompt.withChatTemplateFor(roles(templateRoles));
  }

  private List<ChatMessage> turns(List<ChatMessage> turns) {
    if (system == null) {
      return turns;
    }
    Usage.check(
        !turns.get(0).role().equals("system"),
        "--system was given, but the conversation begins with one: leave one of them out");
    List<ChatMessage> all = new ArrayList<>(List.of(ChatMessage.system(system)));
    all.addAll(turns);
    return all;
  }

  private List<ChatMessage> spoken(InputStream in) {
    checkOneSource();
    return messages == null
        ? List.of(ChatMessage.user(userText(in)))
        : ChatJson.read("--messages " + messages, TextFiles.read("--messages", messages, in));
  }

  private String plainText(boolean steered, InputStream in) {
    boolean eachHasItsOwn =
        basePrompt != null && (!steered || (expertPrompt != null && antiExpertPrompt != null));
    if (eachHasItsOwn && text == null && file == null) {
      return Objects.requireNonNull(basePrompt);
    }
    checkOneSource();
    return userText(in);
  }

  private void checkOneSource() {
    long given = Stream.of(text, file, messages).filter(Objects::nonNull).count();
    Usage.check(given > 0, "a prompt is missing: give --prompt, --prompt-file or --messages");
    Usage.check(given == 1, "give one of --prompt, --prompt-file and --messages, got %s", given);
  }

  private String userText(InputStream in) {
    if (file == null) {
      return Objects.requireNonNull(text);
    }
    return TextFiles.read("--prompt-file", file, in).replaceFirst("\\R\\z", "");
  }

  /** The roles that {@code --template-roles} names. */
  static Role[] roles(List<String> names) {
    if (names.equals(List.of("none"))) {
      return new Role[0];
    }
    return names.stream().distinct().map(PromptOptions::role).toArray(Role[]::new);
  }

  private static Role role(String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "base" -> Role.BASE;
      case "expert" -> Role.EXPERT;
      case "anti-expert" -> Role.ANTI_EXPERT;
      default ->
          throw new IllegalArgumentException(
              "--template-roles takes base, expert and anti-expert, or none alone, got " + name);
    };
  }
}
