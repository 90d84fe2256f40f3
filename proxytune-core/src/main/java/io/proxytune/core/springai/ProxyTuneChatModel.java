package io.proxytune.core.springai;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkNotNull;

import io.proxytune.ProxyTuner;
import io.proxytune.core.adapter.ChatAnswer;
import io.proxytune.core.adapter.ChatRequest.Begun;
import io.proxytune.core.chat.AnswerPart;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.model.tool.StructuredOutputChatOptions;
import org.springframework.ai.model.tool.ToolCallingChatOptions;
import reactor.core.publisher.Flux;
import reactor.core.publisher.SynchronousSink;
import reactor.core.scheduler.Schedulers;

/**
 * A tuner as Spring AI's {@link ChatModel}:
 *
 * <pre>{@code
 * @Bean
 * ChatModel chatModel(ProxyTuner tuner) {
 *   return ProxyTuneChatModel.of(tuner);
 * }
 * }</pre>
 *
 * <p>Messages are rendered by the chat template as {@link io.proxytune.Prompt#chat} says; media are
 * refused. Tools of {@link ToolCallingChatOptions} go into the template, and calls are read where
 * the model writes them as its template does ({@link io.proxytune.core.chat.ToolCallFormat}); what
 * is no call, such as one that is no JSON, stays text. What the model thinks before it answers is
 * in the message's metadata as {@value #REASONING}, where the template knows of it ({@link
 * io.proxytune.core.chat.ReasoningFormat}). Calls are given to who asked, who executes them, as
 * {@code ChatClient} does. A schema of {@link StructuredOutputChatOptions} binds the answer behind
 * the thoughts to it ({@link io.proxytune.Constraint}), or with tools to it or a call. A form that
 * the tuner's own defaults have binds all of it, so that nothing is thought. What a prompt's
 * options say wins over the model's, and these over the tuner's defaults. Another model's name is
 * refused with an {@link IllegalArgumentException}; what the library refuses comes as its own
 * exceptions.
 *
 * <p>A stream begins with its subscriber and is decoded as far as that one requests, on {@link
 * Schedulers#boundedElastic()}. Its last element has finish reason, usage, calls and all that was
 * thought. Cancelling ends the text at its next step.
 *
 * <p><b>Threads:</b> safe for use by several threads, whose requests are decoded in one batch.
 * <b>Ownership:</b> the caller closes the tuner.
 */
@SuppressWarnings("exports") // whoever uses this has the framework
public final class ProxyTuneChatModel implements ChatModel {
  /** The name of what a model thought in a message's metadata; read there, too. */
  public static final String REASONING = "reasoningContent";

  private final ProxyTuner tuner;
  private final ChatOptions options;
  private final Responses responses;
  private final UnaryOperator<io.proxytune.Prompt> prompts;

  private ProxyTuneChatModel(ProxyTuner tuner, Builder builder) {
    this.tuner = tuner;
    this.options = builder.options.mutate().model(builder.modelName).build();
    this.responses = new Responses(builder.modelName);
    this.prompts = builder.prompts;
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
  public static final class Builder {
    private @Nullable ProxyTuner tuner;
    private String modelName = "proxytune";
    private ChatOptions options = ToolCallingChatOptions.builder().build();
    private UnaryOperator<io.proxytune.Prompt> prompts = UnaryOperator.identity();

    private Builder() {}

    /**
     * What decodes; required. What it has for defaults holds where no options say otherwise.
     *
     * @param tuner the tuner; the caller closes it
     * @return this builder
     */
    public Builder tuner(ProxyTuner tuner) {
      this.tuner = checkNotNull(tuner, "tuner");
      return this;
    }

    /**
     * The name that answers carry; {@code proxytune} if not set.
     *
     * @param modelName the name
     * @return this builder
     */
    public Builder modelName(String modelName) {
      this.modelName = checkNotNull(modelName, "modelName");
      return this;
    }

    /**
     * What prompts ask for that say nothing else.
     *
     * @param options temperature, most tokens, tools and so on
     * @return this builder
     */
    public Builder options(ChatOptions options) {
      this.options = checkNotNull(options, "options");
      return this;
    }

    /**
     * Changes each prompt before it is read, such as {@code prompt ->
     * prompt.withChatTemplateFor(Role.BASE, Role.EXPERT)}.
     *
     * @param prompts the change
     * @return this builder
     */
    public Builder prompts(UnaryOperator<io.proxytune.Prompt> prompts) {
      this.prompts = checkNotNull(prompts, "prompts");
      return this;
    }

    /**
     * Makes the model.
     *
     * @return the model
     * @throws IllegalArgumentException if there is no tuner
     */
    public ProxyTuneChatModel build() {
      checkArgument(tuner != null, "a chat model needs a tuner: call tuner(...)");
      return new ProxyTuneChatModel(checkNotNull(tuner), this);
    }
  }

  @Override
  public ChatOptions getOptions() {
    return options;
  }

  @Override
  public ChatResponse call(Prompt prompt) {
    try (Turn turn = begin(prompt)) {
      return turn.whole();
    }
  }

  @Override
  public Flux<ChatResponse> stream(Prompt prompt) {
    return Flux.using(
            () -> begin(prompt), turn -> Flux.<ChatResponse>generate(turn::next), Turn::close)
        .subscribeOn(Schedulers.boundedElastic());
  }

  private Turn begin(Prompt prompt) {
    return new Turn(
        new Asked(prompt.getOptions(), options).request(prompt).begin(tuner, prompts), responses);
  }

  /** A turn that is read by one thread, and closed by any. */
  private record Turn(Begun begun, Responses responses) implements AutoCloseable {
    ChatResponse whole() {
      ChatAnswer answer = begun.turn().answer();
      return responses.end(answer, answer.text());
    }

    /** Gives the next text, or at the end the calls, which are kept until all are there. */
    void next(SynchronousSink<ChatResponse> sink) {
      Optional<AnswerPart> part = begun.turn().next();
      while (part.isPresent() && part.get().call().isPresent()) {
        part = begun.turn().next();
      }
      if (part.isPresent()) {
        sink.next(responses.piece(part.get()));
      } else {
        sink.next(responses.end(begun.turn().answer(), ""));
        sink.complete();
      }
    }

    @Override
    public void close() {
      begun.stream().close();
    }
  }
}
