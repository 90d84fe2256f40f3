package io.proxytune.core.langchain4j;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.ToolChoice;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.ChatResponseMetadata;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.TokenUsage;
import io.proxytune.BusyException;
import io.proxytune.ChatTemplateException;
import io.proxytune.ContextLengthException;
import io.proxytune.Generation;
import io.proxytune.GenerationStats;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.core.adapter.ChatAnswer;
import io.proxytune.core.adapter.ChatRequest;
import io.proxytune.core.adapter.ChatRequest.Begun;
import io.proxytune.core.adapter.ChatSettings;
import io.proxytune.core.adapter.ChatTurn;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What both models do with a request: immutable.
 *
 * @param tuner decodes; the caller closes it
 * @param defaults what requests ask for that say nothing else, with the model's name
 * @param listeners are told by LangChain4j
 * @param prompts changes each prompt before it is read
 */
record Turns(
    ProxyTuner tuner,
    ChatRequestParameters defaults,
    List<ChatModelListener> listeners,
    UnaryOperator<Prompt> prompts) {
  /** Begins what a request asks for, or says in LangChain4j's way why it can't. */
  Begun begin(dev.langchain4j.model.chat.request.ChatRequest request) {
    try {
      return read(request).begin(tuner, prompts);
    } catch (RuntimeException e) {
      throw failure(e);
    }
  }

  private ChatRequest read(dev.langchain4j.model.chat.request.ChatRequest request) {
    ChatRequestParameters asked = request.parameters();
    checkName(asked.modelName());
    boolean tools = asked.toolChoice() != ToolChoice.NONE && asked.toolSpecifications() != null;
    ChatSettings settings =
        new ChatSettings(
            asked.temperature(),
            asked.topP(),
            asked.topK(),
            asked.frequencyPenalty(),
            asked.presencePenalty(),
            asked.maxOutputTokens(),
            asked.stopSequences());
    return new ChatRequest(
        request.messages().stream().map(Messages::read).toList(),
        tools ? asked.toolSpecifications().stream().map(Messages::read).toList() : List.of(),
        asked.toolChoice() == ToolChoice.REQUIRED,
        Messages.form(asked.responseFormat()),
        settings);
  }

  private void checkName(@Nullable String name) {
    if (name != null && !name.equals(defaults.modelName())) {
      throw new UnsupportedFeatureException(
          "another modelName is not supported: this model is "
              + defaults.modelName()
              + ", and the request asks for "
              + name
              + ". Leave the name out, or make a model for each tuner");
    }
  }

  ChatResponse answer(ChatTurn turn) {
    try {
      return response(turn.answer());
    } catch (RuntimeException e) {
      throw failure(e);
    }
  }

  /** Trying again helps where the tuner was busy, and not where the request was wrong. */
  static RuntimeException failure(RuntimeException e) {
    if (e instanceof BusyException) {
      return new RateLimitException(e.getMessage(), e);
    }
    boolean wrong =
        e instanceof ContextLengthException
            || e instanceof ChatTemplateException
            || e instanceof IllegalArgumentException;
    return wrong ? new InvalidRequestException(e.getMessage(), e) : e;
  }

  private ChatResponse response(ChatAnswer answer) {
    Generation generation = answer.generation();
    GenerationStats stats = generation.stats();
    boolean calls = !answer.toolCalls().isEmpty();
    AiMessage.Builder message =
        AiMessage.builder()
            .toolExecutionRequests(answer.toolCalls().stream().map(Messages::write).toList());
    if (!calls || !answer.text().isEmpty()) {
      message.text(answer.text());
    }
    if (!answer.reasoning().isEmpty()) {
      message.thinking(answer.reasoning());
    }
    return ChatResponse.builder()
        .aiMessage(message.build())
        .metadata(
            ChatResponseMetadata.builder()
                .modelName(defaults.modelName())
                .tokenUsage(new TokenUsage(stats.promptTokens(), stats.generatedTokens()))
                .finishReason(calls ? FinishReason.TOOL_EXECUTION : reason(generation))
                .build())
        .build();
  }

  private static FinishReason reason(Generation generation) {
    return switch (generation.finishReason()) {
      case END_OF_TEXT, STOP_ID, STOP_STRING -> FinishReason.STOP;
      case MAX_NEW_TOKENS, CONTEXT_FULL -> FinishReason.LENGTH;
      case CANCELLED, DEADLINE, UNCERTIFIED -> FinishReason.OTHER;
    };
  }
}
