package io.proxytune.core.adapter;

import static com.google.common.base.Preconditions.checkArgument;

import io.proxytune.ChatMessage;
import io.proxytune.Constraint;
import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.TokenStream;
import io.proxytune.Tool;
import io.proxytune.core.chat.AnswerFormat;
import io.proxytune.core.chat.ToolCallFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * What a framework asks for: immutable.
 *
 * @param messages the conversation
 * @param tools what the model is told of
 * @param requiresCall whether the answer must be a call of one of them
 * @param form what the answer must be behind thoughts, if it is no call
 * @param settings sampling and length
 */
public record ChatRequest(
    List<ChatMessage> messages,
    List<Tool> tools,
    boolean requiresCall,
    Optional<Constraint> form,
    ChatSettings settings) {
  public ChatRequest {
    messages = List.copyOf(messages);
    tools = List.copyOf(tools);
  }

  /** A turn with the stream that it reads, which the caller closes. */
  public record Begun(TokenStream stream, ChatTurn turn) {}

  /**
   * Begins the answer.
   *
   * @param tuner what decodes
   * @param prompts changes the prompt before it is read
   * @return the turn
   * @throws IllegalArgumentException if a call is required of a model whose template shows none
   */
  public Begun begin(ProxyTuner tuner, UnaryOperator<Prompt> prompts) {
    Prompt prompt = prompts.apply(Prompt.chat(messages).withTools(tools));
    AnswerFormat format = AnswerFormat.of(prompt, tuner);
    GenerationOptions options = settings.applyTo(tuner.defaults());
    Optional<Constraint> bound = constraint(prompt.tools(), format);
    if (bound.isPresent()) {
      options = options.withConstraint(bound.get());
    }
    boolean bindsAll = bound.isEmpty() && options.constraint().isPresent();
    AnswerFormat read = bindsAll ? format.withoutReasoning() : format;
    TokenStream stream = tuner.stream(prompt, read.withMarks(options));
    return new Begun(stream, new ChatTurn(stream, read));
  }

  private Optional<Constraint> constraint(List<Tool> told, AnswerFormat format) {
    Optional<Constraint> call = format.calls().map(it -> it.call(told));
    if (requiresCall) {
      checkArgument(!told.isEmpty(), "a call of a tool is required, and there are no tools");
      checkArgument(
          call.isPresent(),
          "a call of a tool is required, and the chat template shows no form of calls that is known"
              + " here, which are %s",
          List.of(ToolCallFormat.values()));
      return call.map(format::bindingCall);
    }
    return form.map(
        it -> call.map(other -> format.binding(it, other)).orElseGet(() -> format.binding(it)));
  }
}
