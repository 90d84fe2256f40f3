package io.proxytune.core.springai;

import io.proxytune.GenerationStats;
import io.proxytune.core.adapter.ChatAnswer;
import io.proxytune.core.chat.AnswerPart;
import java.util.List;
import java.util.Map;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.metadata.ChatGenerationMetadata;
import org.springframework.ai.chat.metadata.ChatResponseMetadata;
import org.springframework.ai.chat.metadata.DefaultUsage;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.model.Generation;

/**
 * Puts answers into Spring AI's form.
 *
 * @param model the name that answers carry
 */
record Responses(String model) {
  /** A piece of an answer that goes on. */
  ChatResponse piece(AnswerPart part) {
    AssistantMessage message =
        AssistantMessage.builder()
            .content(part.text())
            .properties(thought(part.reasoning()))
            .build();
    return new ChatResponse(
        List.of(new Generation(message)), ChatResponseMetadata.builder().model(model).build());
  }

  /** The end of an answer, with counts and calls, and the text that is given. */
  ChatResponse end(ChatAnswer answer, String text) {
    GenerationStats stats = answer.generation().stats();
    AssistantMessage message =
        AssistantMessage.builder()
            .content(text)
            .properties(thought(answer.reasoning()))
            .toolCalls(answer.toolCalls().stream().map(SpringMessages::write).toList())
            .build();
    ChatGenerationMetadata metadata =
        ChatGenerationMetadata.builder().finishReason(reason(answer)).build();
    return new ChatResponse(
        List.of(new Generation(message, metadata)),
        ChatResponseMetadata.builder()
            .model(model)
            .usage(new DefaultUsage(stats.promptTokens(), stats.generatedTokens()))
            .build());
  }

  private static Map<String, Object> thought(String reasoning) {
    return reasoning.isEmpty() ? Map.of() : Map.of(ProxyTuneChatModel.REASONING, reasoning);
  }

  /** In the words of Spring AI's own models. */
  private static String reason(ChatAnswer answer) {
    if (!answer.toolCalls().isEmpty()) {
      return "TOOL_CALLS";
    }
    return switch (answer.generation().finishReason()) {
      case END_OF_TEXT, STOP_ID, STOP_STRING -> "STOP";
      case MAX_NEW_TOKENS, CONTEXT_FULL -> "LENGTH";
      case CANCELLED, DEADLINE, UNCERTIFIED -> answer.generation().finishReason().name();
    };
  }
}
