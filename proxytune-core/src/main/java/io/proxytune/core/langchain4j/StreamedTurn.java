package io.proxytune.core.langchain4j;

import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.PartialThinking;
import dev.langchain4j.model.chat.response.PartialThinkingContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.chat.response.StreamingHandle;
import io.proxytune.TokenStream;
import io.proxytune.core.adapter.ChatRequest.Begun;
import io.proxytune.core.adapter.ChatTurn;
import io.proxytune.core.chat.AnswerPart;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes one turn to its handler. Run once; any thread may cancel. */
final class StreamedTurn implements Runnable, StreamingHandle {
  private static final Logger logger = LoggerFactory.getLogger(StreamedTurn.class);

  private final Turns turns;
  private final TokenStream stream;
  private final ChatTurn turn;
  private final StreamingChatResponseHandler handler;
  private volatile boolean cancelled;
  private int calls;

  StreamedTurn(Turns turns, Begun begun, StreamingChatResponseHandler handler) {
    this.turns = turns;
    this.stream = begun.stream();
    this.turn = begun.turn();
    this.handler = handler;
  }

  @Override
  public void cancel() {
    cancelled = true;
    stream.cancel();
  }

  @Override
  public boolean isCancelled() {
    return cancelled;
  }

  @Override
  public void run() {
    try (stream) {
      write();
    } catch (RuntimeException | Error e) {
      if (!cancelled) {
        tell(handler, e instanceof RuntimeException failure ? Turns.failure(failure) : e);
      }
    }
  }

  private void write() {
    for (Optional<AnswerPart> part = turn.next();
        part.isPresent() && !cancelled;
        part = turn.next()) {
      AnswerPart next = part.get();
      call(() -> give(next));
    }
    ChatResponse response = turns.answer(turn);
    if (!cancelled) {
      call(() -> handler.onCompleteResponse(response));
    }
  }

  private void give(AnswerPart part) {
    if (part.call().isPresent()) {
      handler.onCompleteToolCall(new CompleteToolCall(calls++, Messages.write(part.call().get())));
    } else if (!part.reasoning().isEmpty()) {
      handler.onPartialThinking(
          new PartialThinking(part.reasoning()), new PartialThinkingContext(this));
    } else {
      handler.onPartialResponse(new PartialResponse(part.text()), new PartialResponseContext(this));
    }
  }

  /** What an application's code throws ends no text. */
  private void call(Runnable handling) {
    try {
      handling.run();
    } catch (RuntimeException e) {
      tell(handler, e);
    }
  }

  /** Tells a handler of a failure, and nobody where it fails too. */
  static void tell(StreamingChatResponseHandler handler, Throwable failure) {
    try {
      handler.onError(failure);
    } catch (RuntimeException | Error e) {
      logger.warn("A streaming handler ({}) failed in onError", handler.getClass().getName(), e);
    }
  }
}
