package io.proxytune.core.langchain4j;

import static com.google.common.base.Preconditions.checkNotNull;

import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import io.proxytune.ProxyTuner;
import io.proxytune.core.adapter.ChatRequest.Begun;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;

/**
 * A tuner as LangChain4j's {@link StreamingChatModel}, with what {@link ProxyTuneChatModel} says of
 * messages, tools and settings.
 *
 * <p>A request is read by the thread that asks, and decoded by a thread of the executor, which
 * calls the handler. What is not supported is thrown; whatever else fails is given to {@code
 * onError}. Text and thoughts come as they are written; what may be the call of a tool comes when
 * all of it is there. After {@code StreamingHandle.cancel()} the handler is called no more, and the
 * text ends at its next step. What a handler throws is given to its {@code onError}, and the text
 * goes on, as LangChain4j wants it.
 *
 * <p><b>Threads:</b> safe for use by several threads. <b>Ownership:</b> the caller closes the
 * tuner.
 */
@SuppressWarnings("exports") // whoever uses this has the framework
public final class ProxyTuneStreamingChatModel implements StreamingChatModel {
  private final Turns turns;
  private final Executor executor;

  private ProxyTuneStreamingChatModel(Turns turns, Executor executor) {
    this.turns = turns;
    this.executor = executor;
  }

  /**
   * A tuner as it is.
   *
   * @param tuner the tuner; the caller closes it
   * @return the model
   */
  public static ProxyTuneStreamingChatModel of(ProxyTuner tuner) {
    return builder().tuner(tuner).build();
  }

  /**
   * Begins a model.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /** Collects the settings of a model. For one thread. */
  public static final class Builder extends TurnsBuilder<Builder> {
    private Executor executor = ProxyTuneStreamingChatModel::onNewThread;

    private Builder() {}

    @Override
    Builder self() {
      return this;
    }

    /**
     * What runs the decoding; a daemon thread for each request if not set.
     *
     * @param executor such as a pool of threads, or virtual ones
     * @return this builder
     */
    public Builder executor(Executor executor) {
      this.executor = checkNotNull(executor, "executor");
      return this;
    }

    /**
     * Makes the model.
     *
     * @return the model
     * @throws IllegalArgumentException if there is no tuner
     */
    public ProxyTuneStreamingChatModel build() {
      return new ProxyTuneStreamingChatModel(turns(), executor);
    }
  }

  private static void onNewThread(Runnable task) {
    Thread thread = new Thread(task, "proxytune-langchain4j");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void doChat(ChatRequest request, StreamingChatResponseHandler handler) {
    Begun begun;
    try {
      begun = turns.begin(request);
    } catch (UnsupportedFeatureException e) {
      throw e;
    } catch (RuntimeException e) {
      executor.execute(() -> StreamedTurn.tell(handler, e));
      return;
    }
    try {
      executor.execute(new StreamedTurn(turns, begun, handler));
    } catch (RuntimeException | Error e) {
      begun.stream().close();
      throw e;
    }
  }

  @Override
  public ChatRequestParameters defaultRequestParameters() {
    return turns.defaults();
  }

  @Override
  public List<ChatModelListener> listeners() {
    return turns.listeners();
  }

  @Override
  public Set<Capability> supportedCapabilities() {
    return Set.of(Capability.RESPONSE_FORMAT_JSON_SCHEMA);
  }
}
