package io.proxytune.core.adapter;

import io.proxytune.Generation;
import io.proxytune.Token;
import io.proxytune.TokenStream;
import io.proxytune.ToolCall;
import io.proxytune.core.chat.AnswerFormat;
import io.proxytune.core.chat.AnswerParser;
import io.proxytune.core.chat.AnswerPart;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.SplittableRandom;

/**
 * A model's turn while it is written: thoughts, text and calls of tools, and at the end all of it.
 * For one thread, but that any may close the stream.
 */
public final class ChatTurn {
  /** Mistral's templates take ids of this length alone. */
  private static final int ID_LENGTH = 9;

  private final TokenStream stream;
  private final Iterator<Token> tokens;
  private final AnswerParser parser;
  private final Queue<AnswerPart> parts = new ArrayDeque<>();
  private final StringBuilder said = new StringBuilder();
  private final StringBuilder thought = new StringBuilder();
  private final List<ToolCall> calls = new ArrayList<>();
  private Optional<Generation> whole = Optional.empty();

  /**
   * Reads a turn.
   *
   * @param stream what the model writes; the caller closes it
   * @param format what it has beside text
   */
  public ChatTurn(TokenStream stream, AnswerFormat format) {
    this.stream = stream;
    this.tokens = stream.iterator();
    this.parser = new AnswerParser(format);
  }

  /**
   * Waits for the next part.
   *
   * @return text or thoughts, not empty, or a call, with an id; nothing at the end
   */
  public Optional<AnswerPart> next() {
    while (parts.isEmpty() && whole.isEmpty()) {
      if (tokens.hasNext()) {
        read(tokens.next().text());
      } else {
        end();
      }
    }
    return Optional.ofNullable(parts.poll());
  }

  private void end() {
    Generation generation = stream.result();
    int released = generation.tokens().stream().mapToInt(token -> token.text().length()).sum();
    read(generation.text().substring(released)); // of a text that was cut off
    parser.finish().forEach(this::add);
    whole = Optional.of(generation);
  }

  private void read(String text) {
    parser.add(text).forEach(this::add);
  }

  private void add(AnswerPart part) {
    said.append(part.text());
    thought.append(part.reasoning());
    Optional<ToolCall> call = part.call().map(this::withId);
    call.ifPresent(calls::add);
    parts.add(new AnswerPart(part.text(), part.reasoning(), call));
  }

  private ToolCall withId(ToolCall call) {
    if (call.id().isPresent()) {
      return call;
    }
    SplittableRandom random = new SplittableRandom();
    String id = Long.toString(random.nextLong() >>> 1, Character.MAX_RADIX);
    return call.withId(("0".repeat(ID_LENGTH) + id).substring(id.length()));
  }

  /**
   * The whole turn, written to its end.
   *
   * @return all that was thought and said, and all calls
   */
  public ChatAnswer answer() {
    while (next().isPresent()) {
      // to the end
    }
    return new ChatAnswer(said.toString(), thought.toString(), calls, whole.orElseThrow());
  }
}
