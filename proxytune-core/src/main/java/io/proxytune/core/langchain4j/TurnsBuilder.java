package io.proxytune.core.langchain4j;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkNotNull;

import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.DefaultChatRequestParameters;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Collects what both models can be given. For one thread.
 *
 * @param <B> the builder itself
 */
@SuppressWarnings("exports") // whoever uses this has the framework
public abstract sealed class TurnsBuilder<B extends TurnsBuilder<B>>
    permits ProxyTuneChatModel.Builder, ProxyTuneStreamingChatModel.Builder {
  private @Nullable ProxyTuner tuner;
  private @Nullable String modelName;
  private ChatRequestParameters defaults = DefaultChatRequestParameters.EMPTY;
  private List<ChatModelListener> listeners = List.of();
  private UnaryOperator<Prompt> prompts = UnaryOperator.identity();

  TurnsBuilder() {}

  abstract B self();

  /**
   * What decodes; required. What it has for defaults holds where neither the request nor {@link
   * #defaultRequestParameters} says otherwise.
   *
   * @param tuner the tuner; the caller closes it
   * @return this builder
   */
  public B tuner(ProxyTuner tuner) {
    this.tuner = checkNotNull(tuner, "tuner");
    return self();
  }

  /**
   * The name that answers carry; if not set that of the default parameters, else {@code proxytune}.
   *
   * @param modelName the name
   * @return this builder
   */
  public B modelName(String modelName) {
    this.modelName = checkNotNull(modelName, "modelName");
    return self();
  }

  /**
   * What requests ask for that say nothing else.
   *
   * @param parameters temperature, most tokens, tools and so on
   * @return this builder
   */
  public B defaultRequestParameters(ChatRequestParameters parameters) {
    this.defaults = checkNotNull(parameters, "parameters");
    return self();
  }

  /**
   * Who is told of requests and answers by LangChain4j.
   *
   * @param listeners the listeners
   * @return this builder
   */
  public B listeners(List<ChatModelListener> listeners) {
    this.listeners = List.copyOf(listeners);
    return self();
  }

  /**
   * Changes each prompt before it is read, such as {@code prompt ->
   * prompt.withChatTemplateFor(Role.BASE, Role.EXPERT)}.
   *
   * @param prompts the change
   * @return this builder
   */
  public B prompts(UnaryOperator<Prompt> prompts) {
    this.prompts = checkNotNull(prompts, "prompts");
    return self();
  }

  Turns turns() {
    checkArgument(tuner != null, "a chat model needs a tuner: call tuner(...)");
    String given = modelName == null ? defaults.modelName() : modelName;
    String name = given == null ? "proxytune" : given;
    ChatRequestParameters named = DefaultChatRequestParameters.builder().modelName(name).build();
    return new Turns(checkNotNull(tuner), defaults.overrideWith(named), listeners, prompts);
  }
}
