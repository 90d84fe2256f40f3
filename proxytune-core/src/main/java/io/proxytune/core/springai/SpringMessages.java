package io.proxytune.core.springai;

import static com.google.common.base.Preconditions.checkArgument;

import io.proxytune.ChatMessage;
import io.proxytune.Tool;
import io.proxytune.ToolCall;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.messages.Message;
import org.springframework.ai.chat.messages.ToolResponseMessage;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.content.MediaContent;
import org.springframework.ai.model.tool.ToolCallingChatOptions;
import org.springframework.ai.tool.ToolCallback;
import org.springframework.ai.tool.definition.ToolDefinition;

/** From Spring AI's messages and tools to the library's, and back. */
final class SpringMessages {
  private SpringMessages() {}

  /** One message, or one for each answer of a tool. */
  static Stream<ChatMessage> read(Message message) {
    checkArgument(
        !(message instanceof MediaContent media) || media.getMedia().isEmpty(),
        "a %s message has media, and only text is read: leave it out",
        message.getMessageType());
    if (message instanceof AssistantMessage assistant) {
      List<ToolCall> calls = assistant.getToolCalls().stream().map(SpringMessages::read).toList();
      ChatMessage said = ChatMessage.assistant(orEmpty(assistant.getText())).withToolCalls(calls);
      return Stream.of(
          assistant.getMetadata().get(ProxyTuneChatModel.REASONING) instanceof String thought
              ? said.withReasoning(thought)
              : said);
    } else if (message instanceof ToolResponseMessage answers) {
      return answers.getResponses().stream().map(SpringMessages::read);
    }
    return Stream.of(
        new ChatMessage(message.getMessageType().getValue(), orEmpty(message.getText())));
  }

  private static ToolCall read(AssistantMessage.ToolCall call) {
    String arguments = call.arguments().isBlank() ? "{}" : call.arguments();
    return new ToolCall(present(call.id()), call.name(), arguments);
  }

  private static ChatMessage read(ToolResponseMessage.ToolResponse answer) {
    ChatMessage read = new ChatMessage("tool", answer.responseData()).withName(answer.name());
    return present(answer.id()).map(read::withToolCallId).orElse(read);
  }

  private static Optional<String> present(@Nullable String id) {
    return Optional.ofNullable(id).filter(it -> !it.isEmpty());
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }

  /** The tools of options, which have none where nobody set them. */
  static List<Tool> tools(@Nullable ChatOptions options) {
    if (!(options instanceof ToolCallingChatOptions tools) || tools.getToolCallbacks() == null) {
      return List.of();
    }
    return tools.getToolCallbacks().stream()
        .map(ToolCallback::getToolDefinition)
        .map(SpringMessages::read)
        .toList();
  }

  private static Tool read(ToolDefinition tool) {
    return new Tool(tool.name(), tool.description(), tool.inputSchema());
  }

  static AssistantMessage.ToolCall write(ToolCall call) {
    return new AssistantMessage.ToolCall(
        call.id().orElse(""), "function", call.name(), call.arguments());
  }
}
