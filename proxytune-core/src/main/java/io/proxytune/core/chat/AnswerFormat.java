package io.proxytune.core.chat;

import io.proxytune.ChatTemplateException;
import io.proxytune.Prompt;
import io.proxytune.Tokenizer;
import io.proxytune.core.message.ChatRendering;
import java.util.Collection;
import java.util.Optional;
import java.util.function.Function;

/**
 * What an answer has beside text: immutable.
 *
 * @param reasoning how the model writes what it thinks; nothing where that is text
 * @param isOpen whether the prompt has begun the thoughts that the answer goes on with
 * @param calls how it writes calls of tools; nothing where it was told of none, or they are text
 */
public record AnswerFormat(
    Optional<ReasoningFormat> reasoning, boolean isOpen, Optional<ToolCallFormat> calls) {
  /** An answer that is text alone. */
  public static final AnswerFormat TEXT =
      new AnswerFormat(Optional.empty(), false, Optional.empty());

  /**
   * How the answer to a prompt is written.
   *
   * @param prompt a conversation
   * @param tokenizers those whose chat templates are read, the model's first that is to say how
   * @return the format of the first template that shows one
   */
  public static AnswerFormat of(Prompt prompt, Collection<Tokenizer> tokenizers) {
    boolean told =
        !prompt.tools().isEmpty()
            || ChatRendering.TOOL_VARIABLES.stream().anyMatch(prompt.chatVariables()::containsKey);
    Optional<ReasoningFormat> reasoning = first(tokenizers, ReasoningFormat::of);
    return new AnswerFormat(
        reasoning,
        reasoning.isPresent() && tokenizers.stream().anyMatch(it -> opens(it, prompt)),
        told ? first(tokenizers, ToolCallFormat::of) : Optional.empty());
  }

  private static <T> Optional<T> first(
      Collection<Tokenizer> tokenizers, Function<Tokenizer, Optional<T>> format) {
    return tokenizers.stream().flatMap(it -> format.apply(it).stream()).findFirst();
  }

  private static boolean opens(Tokenizer tokenizer, Prompt prompt) {
    try {
      return ReasoningFormat.of(tokenizer)
          .filter(
              format ->
                  (ChatRendering.of(prompt, tokenizer) + prompt.responsePrefix())
                      .stripTrailing()
                      .endsWith(format.begin()))
          .isPresent();
    } catch (ChatTemplateException e) {
      return false; // the request is refused with it
    }
  }

  /**
   * The format of an answer that a form binds from its first character, so that there are no
   * thoughts.
   *
   * @return this format, where all but calls is text
   */
  public AnswerFormat withoutReasoning() {
    return new AnswerFormat(Optional.empty(), false, calls);
  }
}
