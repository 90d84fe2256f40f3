package io.proxytune.core.langchain4j;

import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import io.proxytune.ProxyTuner;
import io.proxytune.TokenStream;
import io.proxytune.core.adapter.ChatRequest.Begun;
import java.util.List;
import java.util.Set;

/**
 * A tuner as LangChain4j's {@link ChatModel}:
 *
 * <pre>{@code
 * ChatModel model = ProxyTuneChatModel.of(tuner);
 * System.out.println(model.chat("Why is the sky blue?"));
 * }</pre>
 *
 * <p>Messages are rendered by the chat template as {@link io.proxytune.Prompt#chat} says; their
 * content is text. Tools go into the template, and calls are read where the model writes them as
 * its template does ({@link io.proxytune.core.chat.ToolCallFormat}); what is no call, such as one
 * that is no JSON, stays text. What the model thinks before it answers is {@code
 * AiMessage.thinking()}, where the template knows of it ({@link
 * io.proxytune.core.chat.ReasoningFormat}). What a request says of temperature, top-p, top-k,
 * penalties, tokens and stops wins over the tuner's defaults. Two things bind the answer behind the
 * thoughts ({@link io.proxytune.Constraint}): a response format of JSON to its schema, or with
 * tools to that or a call, and a tool choice of {@code REQUIRED} to a call. A form that the tuner's
 * own defaults have binds all of it, so that nothing is thought.
 *
 * <p>Content that is no text and another model's name are refused with an {@link
 * dev.langchain4j.exception.UnsupportedFeatureException}; a request that is wrong, too long, or
 * whose schema or tools can't be met, with an {@link
 * dev.langchain4j.exception.InvalidRequestException}; one that the tuner has no room for with a
 * {@link dev.langchain4j.exception.RateLimitException}, which says that another try may help.
 *
 * <p><b>Threads:</b> safe for use by several threads, whose requests are decoded in one batch; each
 * decodes on the thread that asks. <b>Ownership:</b> the caller closes the tuner.
 */
@SuppressWarnings("exports") // whoever uses this has the framework
public final class ProxyTuneChatModel implements ChatModel {
  private final Turns turns;

  private ProxyTuneChatModel(Turns turns) {
    this.turns = turns;
  }

  /**
   * A tuner as it is.
   *
   * @param tuner the tuner; the caller closes it
   * @return the model
   */
  public static ProxyTuneChatModel of(ProxyTuner tuner) {
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
    private Builder() {}

    @Override
    Builder self() {
      return this;
    }

    /**
     * Makes the model.
     *
     * @return the model
     * @throws IllegalArgumentException if there is no tuner
     */
    public ProxyTuneChatModel build() {
      return new ProxyTuneChatModel(turns());
    }
  }

  @Override
  public ChatResponse doChat(ChatRequest request) {
    Begun begun = turns.begin(request);
    try (TokenStream stream = begun.stream()) {
      return turns.answer(begun.turn());
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
