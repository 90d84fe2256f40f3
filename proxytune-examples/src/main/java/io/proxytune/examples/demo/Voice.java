package io.proxytune.examples.demo;

import io.proxytune.FinishReason;
import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.Role;
import io.proxytune.Token;
import io.proxytune.TokenLogprobs;
import io.proxytune.TokenStream;
import io.proxytune.examples.evaluation.ModelAnswerer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One system's answer as it grows, a token at a time. For one thread. */
final class Voice implements AutoCloseable {
  private static final int MAX_NEW_TOKENS = 40;

  private final String title;
  private final TokenStream stream;
  private final Iterator<Token> tokens;
  private final List<Piece> pieces = new ArrayList<>();
  private boolean done;

  Voice(ModelAnswerer system, String message) {
    this.title = system.id().title();
    GenerationOptions options =
        GenerationOptions.defaults().withMaxNewTokens(MAX_NEW_TOKENS).withLogprobs(1);
    this.stream = system.tuner().stream(system.prompt(message), options);
    this.tokens = stream.iterator();
  }

  String title() {
    return title;
  }

  List<Piece> pieces() {
    return pieces;
  }

  void cancel() {
    stream.cancel();
  }

  /** Says one token more; false once there is none. */
  boolean advance() {
    if (tokens.hasNext()) {
      Token token = tokens.next();
      if (!token.text().isEmpty()) {
        pieces.add(new Piece(token.text(), isChanged(token.logprobs(), token.id())));
      }
      return true;
    }
    if (!done) {
      end(stream.result());
    }
    return false;
  }

  /** The end token leaves no text, so that its being there is shown by a sign. */
  private void end(Generation generation) {
    done = true;
    if (generation.finishReason() == FinishReason.END_OF_TEXT) {
      Token last = generation.tokens().get(generation.tokens().size() - 1);
      pieces.add(new Piece(" <end>", isChanged(last.logprobs(), last.id())));
    } else {
      pieces.add(new Piece(" ...", false));
    }
  }

  /** The base's view tells only where others steer it. */
  private static boolean isChanged(@Nullable TokenLogprobs logprobs, int id) {
    return logprobs != null
        && logprobs.roles().size() > 1
        && logprobs.roles().stream()
            .filter(role -> role.role() == Role.BASE)
            .anyMatch(role -> role.top().get(0).id() != id);
  }

  @Override
  public void close() {
    stream.close();
  }
}
