package io.proxytune.core.chat;

import io.proxytune.ChatMessage;
import io.proxytune.ChatTemplateException;
import io.proxytune.Constraint;
import io.proxytune.Tokenizer;
import java.util.Arrays;
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
  THINK("<think>", "</think>"),
  /** {@code [THINK]…[/THINK]}, special tokens: Mistral's models that think. */
  MISTRAL("[THINK]", "[/THINK]"),
  /** {@code <seed:think>…</seed:think>}, special tokens: Seed-OSS. */
  SEED("<seed:think>", "</seed:think>"),
  /** {@code <|START_THINKING|>…<|END_THINKING|>}, special tokens: Command A. */
  COHERE("<|START_THINKING|>", "<|END_THINKING|>");

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
    Constraint opened = Constraint.choice(begin).or(Constraint.specialToken(begin));
    return isOpen ? behind : opened.then(behind).or(form);
  }

  /**
   * The format of a chat template.
   *
   * @param tokenizer the tokenizer with the template
   * @return the format; nothing where the template shows none
   */
  public static Optional<ReasoningFormat> of(Tokenizer tokenizer) {
    if (!tokenizer.hasChatTemplate()) {
      return Optional.empty();
    }
    ChatMessage question = ChatMessage.user("?");
    ChatMessage answer = ChatMessage.assistant(ANSWER).withReasoning(THOUGHTS);
    String opened = rendered(tokenizer, true, question);
    String written = rendered(tokenizer, false, question, answer);
    return Arrays.stream(values())
        .filter(it -> opened.contains(it.begin) || written.contains(it.begin))
        .findFirst()
        .or(() -> Optional.of(THINK).filter(it -> it.isLeftOut(tokenizer)));
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
