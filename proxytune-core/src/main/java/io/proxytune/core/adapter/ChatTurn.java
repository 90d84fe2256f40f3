package io.proxytune.core.adapter;

import io.proxytune.Generation;
import io.proxytune.Token;
import io.proxytune.TokenStream;
import io.proxytune.ToolCall;
import io.proxytune.core.chat.ToolCallFormat;
import io.proxytune.core.chat.ToolCallParser;
import io.proxytune.core.chat.ToolCallParser.Part;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.SplittableRandom;

/**
 * A model's turn while it is written: text and calls of tools, and at the end all of it. For one
 * thread, but that any may close the stream.
 */
public final class ChatTurn {
  /** Mistral's templates take ids of this length alone. */
  private static final int ID_LENGTH = 9;

  private final TokenStream stream;
  private final Iterator<Token> tokens;
  private final Optional<ToolCallParser> parser;
  private final Queue<Part> parts = new ArrayDeque<>();
  private final StringBuilder said = new StringBuilder();
  private final List<ToolCall> calls = new ArrayList<>();
  private Optional<Generation> whole = Optional.empty();

  /**
   * Reads a turn.
   *
   * @param stream what the model writes; the caller closes it
   * @param format how calls are written, where the model was told of tools
   */
  public ChatTurn(TokenStream stream, Optional<ToolCallFormat> format) {
    this.stream = stream;
    this.tokens = stream.iterator();
    this.parser = format.map(ToolCallParser::new);
  }

  /**
   * Waits for the next part.
   *
   * @return text, not empty, or a call, with an id; nothing at the end
   */
  public Optional<Part> next() {
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
    parser.ifPresent(open -> open.finish().forEach(this::add));
    whole = Optional.of(generation);
  }

  private void read(String text) {
    if (parser.isPresent()) {
      parser.get().add(text).forEach(this::add);
    } else if (!text.isEmpty()) {
      add(new Part(text, Optional.empty()));
    }
  }

  private void add(Part part) {
    said.append(part.text());
    Optional<ToolCall> call = part.call().map(this::withId);
    call.ifPresent(calls::add);
    parts.add(new Part(part.text(), call));
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
   * @return all that was said, and all calls
   */
  public ChatAnswer answer() {
    while (next().isPresent()) {
      // to the end
    }
    return new ChatAnswer(said.toString(), calls, whole.orElseThrow());
  }
}
