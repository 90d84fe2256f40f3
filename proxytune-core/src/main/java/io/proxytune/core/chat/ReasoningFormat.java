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
  COHERE("<|START_THINKING|>", "<|END_THINKING|>"),
  /**
   * {@code <|channel|>analysis<|message|>…<|end|>}, a message of its own, with the answer in
   * another one behind {@code <|channel|>final<|message|>}; all marks are special tokens: gpt-oss.
   */
  HARMONY("<|channel|>analysis<|message|>", "<|channel|>final<|message|>");

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

  /** What is to be left in the text, where it is special tokens. */
  List<String> marks() {
    return this == HARMONY ? Channels.MARKS : List.of(begin, end);
  }

  /** An answer that is no call: some begin it with a mark, too. */
  Constraint answer(Constraint form) {
    return this == HARMONY ? head("final").then(form) : form;
  }

  /**
   * What is behind thoughts, with them.
   *
   * @param said what follows: an answer or a call, with its marks
   * @param isOpen whether the prompt has begun the thoughts; else there may be none
   */
  Constraint before(Constraint said, boolean isOpen) {
    Constraint opened = this == HARMONY ? head("analysis") : mark(begin);
    Constraint behind =
        this == HARMONY
            ? Constraint.until(Channels.END).then(mark(Channels.START)).then("assistant").then(said)
            : Constraint.until(end).then(Constraint.regex("[ \\n]{0,2}")).then(said);
    return isOpen ? behind : opened.then(behind).or(said);
  }

  private static Constraint head(String channel) {
    return mark(Channels.CHANNEL).then(channel).then(mark(Channels.MESSAGE));
  }

  /** A mark, as a special token or spelled. */
  static Constraint mark(String mark) {
    return Constraint.choice(mark).or(Constraint.specialToken(mark));
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
        .filter(it -> opened.contains(it.begin) || written.contains(it.begin) || it.isIn(written))
        .findFirst()
        .or(() -> Optional.of(THINK).filter(it -> it.isLeftOut(tokenizer)));
  }

  /** Where thoughts are left out, answers tell that they stand in a channel. */
  private boolean isIn(String written) {
    return this == HARMONY && written.contains(end);
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
