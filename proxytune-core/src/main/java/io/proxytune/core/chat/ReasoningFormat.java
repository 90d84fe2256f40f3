package io.proxytune.core.chat;

import io.proxytune.ChatMessage;
import io.proxytune.ChatTemplateException;
import io.proxytune.Constraint;
import io.proxytune.Tokenizer;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How a model writes what it thinks before it answers. Chat templates show it, in one way or
 * another: they open it for the model, write that of earlier turns, or leave it out of them.
 *
 * <p><b>Threads:</b> safe for use by several threads.
 */
public enum ReasoningFormat {
  /** {@code <think>…</think>} before the answer: DeepSeek R1, Qwen 3, SmolLM3 and many more. */
  THINK("<think>", "</think>");

  private static final String THOUGHTS = "probe of thoughts";
  private static final String ANSWER = "probe of an answer";

  private final String begin;
  private final String end;

  ReasoningFormat(String begin, String end) {
    this.begin = begin;
    this.end = end;
  }

  String begin() {
    return begin;
  }

  String end() {
    return end;
  }

  /**
   * Answers that have a form behind their thoughts.
   *
   * @param form the form
   * @param isOpen whether the prompt has begun the thoughts; else there may be none
   */
  Constraint before(Constraint form, boolean isOpen) {
    Constraint behind = Constraint.until(end).then(Constraint.regex("[ \\n]{0,2}")).then(form);
    return isOpen ? behind : Constraint.choice(begin).then(behind).or(form);
  }

  /**
   * The format of a chat template.
   *
   * @param tokenizer the tokenizer with the template
   * @return the format; nothing where the template shows none, or the marks are special tokens,
   *     which leave no text
   */
  public static Optional<ReasoningFormat> of(Tokenizer tokenizer) {
    boolean known =
        tokenizer.hasChatTemplate()
            && THINK.leavesText(tokenizer)
            && (THINK.isWritten(tokenizer) || THINK.isLeftOut(tokenizer));
    return known ? Optional.of(THINK) : Optional.empty();
  }

  private boolean leavesText(Tokenizer tokenizer) {
    return tokenizer.id(end).filter(tokenizer::isSpecial).isEmpty();
  }

  private boolean isWritten(Tokenizer tokenizer) {
    ChatMessage question = ChatMessage.user("?");
    ChatMessage answer = ChatMessage.assistant(ANSWER).withReasoning(THOUGHTS);
    return rendered(tokenizer, true, question).contains(begin)
        || rendered(tokenizer, false, question, answer).contains(begin);
  }

  private boolean isLeftOut(Tokenizer tokenizer) {
    ChatMessage question = ChatMessage.user("?");
    String shown =
        rendered(
            tokenizer,
            true,
            question,
            ChatMessage.assistant(begin + "\n" + THOUGHTS + "\n" + end + "\n\n" + ANSWER),
            question);
    return shown.contains(ANSWER) && !shown.contains(THOUGHTS);
  }

  private static String rendered(Tokenizer tokenizer, boolean opens, ChatMessage... messages) {
    try {
      return tokenizer.renderChat(List.of(messages), opens, Map.of());
    } catch (ChatTemplateException e) {
      return ""; // this one it refuses
    }
  }
}
