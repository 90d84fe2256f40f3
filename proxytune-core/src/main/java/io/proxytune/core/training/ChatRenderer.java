package io.proxytune.core.training;

import static com.google.common.base.Preconditions.checkArgument;

import io.proxytune.ChatMessage;
import io.proxytune.ChatTemplateException;
import io.proxytune.Tokenizer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Turns conversations into sequences whose answers carry loss. */
final class ChatRenderer {
  private final Tokenizer tokenizer;
  private final int maxPositions;

  ChatRenderer(Tokenizer tokenizer, int maxPositions) {
    checkArgument(maxPositions >= 1, "maxPositions must be >= 1, got %s", maxPositions);
    if (!tokenizer.hasChatTemplate()) {
      throw new ChatTemplateException(
          "the tokenizer has no chat template to render conversations with: give one"
              + " (TrainingOptions.withChatTemplate and ChatData.tokenizer; --chat-template), such"
              + " as the template of a tuned model of the same family");
    }
    this.tokenizer = tokenizer;
    this.maxPositions = maxPositions;
  }

  TrainingSequence render(List<ChatMessage> messages, DataLine where) {
    int last = lastAnswer(messages);
    String text = text(messages.subList(0, last + 1), false, where);
    int[] ids = tokenizer.encode(text, false);
    checkLength(ids.length, where);
    boolean[] loss = new boolean[ids.length];
    for (int i = 0; i <= last; i++) {
      if (messages.get(i).role().equals("assistant")) {
        mark(messages, i, new Rendering(text, ids, loss), where);
      }
    }
    return TrainingSequence.of(ids, loss);
  }

  /** A rendered conversation; its flags are set answer by answer. */
  @SuppressWarnings("ArrayRecordComponent")
  private record Rendering(String text, int[] ids, boolean[] loss) {}

  /** What follows the last answer is never generated, so it need not be seen. */
  private static int lastAnswer(List<ChatMessage> messages) {
    int last = messages.size() - 1;
    while (!messages.get(last).role().equals("assistant")) {
      last--;
    }
    return last;
  }

  private void mark(List<ChatMessage> messages, int answer, Rendering all, DataLine where) {
    String prompt = text(messages.subList(0, answer), true, where);
    String answered = text(messages.subList(0, answer + 1), false, where);
    requirePrefix(prompt, answered, answer, where);
    requirePrefix(answered, all.text(), answer, where);
    int from = commonPrefix(tokenizer.encode(prompt, false), all.ids());
    int to = commonPrefix(tokenizer.encode(answered, false), all.ids());
    int end = lastSpecial(all.ids(), from, to);
    if (end <= from) {
      throw where.refusal(
          "the chat template ends the answer in messages["
              + answer
              + "] without a special token, so the model would not learn to stop; use a template"
              + " that ends the assistant's turn with its end-of-turn token");
    }
    Arrays.fill(all.loss(), from, end, true);
  }

  /** The answer ends with its end-of-turn token; a line break behind that is never generated. */
  private int lastSpecial(int[] ids, int from, int to) {
    int end = to;
    while (end > from && !tokenizer.isSpecial(ids[end - 1])) {
      end--;
    }
    return end;
  }

  private static int commonPrefix(int[] prefix, int[] ids) {
    int mismatch = Arrays.mismatch(prefix, ids);
    return mismatch < 0 ? ids.length : mismatch;
  }

  private static void requirePrefix(String prefix, String whole, int answer, DataLine where) {
    if (!whole.startsWith(prefix)) {
      throw where.refusal(
          "the chat template renders what precedes the end of messages["
              + answer
              + "] differently once more follows, so the answer's place in the text is unknown; use"
              + " a template that appends only, or conversations with one answer");
    }
  }

  private String text(List<ChatMessage> messages, boolean prompt, DataLine where) {
    try {
      return tokenizer.renderChat(messages, prompt, Map.of());
    } catch (ChatTemplateException e) {
      throw where.refusal(e.getMessage() == null ? "can't be rendered" : e.getMessage(), e);
    }
  }

  private void checkLength(int ids, DataLine where) {
    if (ids - 1 > maxPositions) {
      throw where.refusal(
          "the conversation is too long: it takes "
              + (ids - 1)
              + " positions, and "
              + maxPositions
              + " are allowed; shorten or split it, or raise the length up to the model's context");
    }
  }
}
