package io.proxytune.core.chat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Takes an answer apart as it comes: what the model thinks, what it says, and the calls of tools.
 * White space around thoughts and calls is lost, and nothing else: what looks like a call and is
 * none stays text ({@link ToolCallParser}). Thoughts that are cut off are thoughts.
 *
 * <p><b>Threads:</b> used by one thread at a time.
 */
public final class AnswerParser {
  private final Optional<Thoughts> thoughts;
  private final Optional<ToolCallParser> calls;

  /**
   * Begins an answer.
   *
   * @param format how the model writes it
   */
  public AnswerParser(AnswerFormat format) {
    Optional<ReasoningFormat> how = format.reasoning();
    if (how.equals(Optional.of(ReasoningFormat.HARMONY))) { // whose marks tell all parts apart
      boolean readsCalls = format.calls().equals(Optional.of(ToolCallFormat.HARMONY));
      thoughts = Optional.empty();
      calls = Optional.of(new ToolCallParser(new Channels(readsCalls, format.isOpen())));
    } else {
      thoughts = how.map(it -> new Thoughts(it, format.isOpen()));
      calls = format.calls().map(ToolCallParser::new);
    }
  }

  /**
   * Takes more of the answer.
   *
   * @param text the text that follows
   * @return what is certain now, in order; often nothing
   */
  public List<AnswerPart> add(String text) {
    List<AnswerPart> parts = new ArrayList<>();
    say(thoughts.isPresent() ? thoughts.get().add(text, parts) : text, parts);
    return parts;
  }

  /**
   * Ends the answer.
   *
   * @return what was held back
   */
  public List<AnswerPart> finish() {
    List<AnswerPart> parts = new ArrayList<>();
    thoughts.ifPresent(it -> say(it.finish(parts), parts));
    calls.ifPresent(it -> parts.addAll(it.finish()));
    return parts;
  }

  private void say(String text, List<AnswerPart> parts) {
    if (text.isEmpty()) {
      return;
    }
    if (calls.isPresent()) {
      parts.addAll(calls.get().add(text));
    } else {
      parts.add(AnswerPart.text(text));
    }
  }

  /**
   * Takes a whole answer apart.
   *
   * @param format how the model writes it
   * @param text the answer
   * @return its parts, in order
   */
  public static List<AnswerPart> parse(AnswerFormat format, String text) {
    AnswerParser parser = new AnswerParser(format);
    List<AnswerPart> parts = new ArrayList<>(parser.add(text));
    parts.addAll(parser.finish());
    return parts;
  }
}
