package io.proxytune.core.chat;

import io.proxytune.ChatTemplateException;
import io.proxytune.Constraint;
import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.Role;
import io.proxytune.Tokenizer;
import io.proxytune.core.message.ChatRendering;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

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
   * How a tuner's answer to a prompt is written.
   *
   * @param prompt a conversation
   * @param tuner what answers
   * @return the format of the first template that shows one, of those that its models read; an
   *     expert's is asked first, since models write as it does
   */
  public static AnswerFormat of(Prompt prompt, ProxyTuner tuner) {
    boolean steered = tuner.tokenizer(Role.EXPERT, 0).isPresent();
    return of(
        prompt,
        Stream.of(Role.EXPERT, Role.BASE, Role.ANTI_EXPERT)
            .filter(role -> prompt.usesChatTemplate(role, steered))
            .flatMap(role -> tuner.tokenizer(role, 0).stream())
            .toList());
  }

  /**
   * How the answer to a prompt is written. There are no thoughts where the prompt has closed them
   * already, as some templates do that are told that nothing is to be thought.
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
    List<String> read = reasoning.isEmpty() ? List.of() : rendered(prompt, tokenizers);
    return new AnswerFormat(
        reasoning.filter(format -> !endsWith(read, format.end())),
        reasoning.filter(format -> endsWith(read, format.begin())).isPresent(),
        told ? first(tokenizers, ToolCallFormat::of) : Optional.empty());
  }

  private static <T> Optional<T> first(
      Collection<Tokenizer> tokenizers, Function<Tokenizer, Optional<T>> format) {
    return tokenizers.stream().flatMap(it -> format.apply(it).stream()).findFirst();
  }

  private static boolean endsWith(List<String> prompts, String mark) {
    return prompts.stream().anyMatch(it -> it.stripTrailing().endsWith(mark));
  }

  /** What models read in templates that know of thoughts. */
  private static List<String> rendered(Prompt prompt, Collection<Tokenizer> tokenizers) {
    try {
      return tokenizers.stream()
          .filter(it -> ReasoningFormat.of(it).isPresent())
          .map(it -> ChatRendering.of(prompt, it) + prompt.responsePrefix())
          .toList();
    } catch (ChatTemplateException e) {
      return List.of(); // the request is refused with it
    }
  }

  /**
   * The form of a whole answer whose last part a form binds: where there are thoughts, it begins
   * behind them.
   *
   * @param form what follows the thoughts
   * @return this form with them, or as it is where there are none
   */
  public Constraint binding(Constraint form) {
    return reasoning.map(how -> how.before(how.answer(form), isOpen)).orElse(form);
  }

  /**
   * The form of a whole answer that is a call.
   *
   * @param call the call, as {@link ToolCallFormat#call} has it
   * @return this form with thoughts before it, or as it is where there are none
   */
  public Constraint bindingCall(Constraint call) {
    return reasoning.map(how -> how.before(call, isOpen)).orElse(call);
  }

  /**
   * The form of a whole answer that is one or the other.
   *
   * @param form what follows the thoughts
   * @param call a call that may do so instead
   * @return both forms with thoughts before them, or as they are where there are none
   */
  public Constraint binding(Constraint form, Constraint call) {
    return bindingCall(reasoning.map(how -> how.answer(form)).orElse(form).or(call));
  }

  /**
   * Options that leave the marks of thoughts in the text, where they are special tokens, too: an
   * {@link AnswerParser} looks for them there.
   *
   * @param options what was asked for
   * @return these options with the marks
   */
  public GenerationOptions withMarks(GenerationOptions options) {
    if (reasoning.isEmpty()) {
      return options;
    }
    Set<String> written = new HashSet<>(options.writtenSpecialTokens());
    written.addAll(reasoning.get().marks());
    return options.withWrittenSpecialTokens(written);
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
