package io.proxytune.core.langchain4j;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.base.Ascii;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.Content;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.internal.JsonSchemaElementUtils;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import io.proxytune.ChatMessage;
import io.proxytune.Constraint;
import io.proxytune.Tool;
import io.proxytune.ToolCall;
import io.proxytune.core.files.InvalidJsonException;
import io.proxytune.core.files.JsonOutput;
import io.proxytune.core.files.JsonText;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** From LangChain4j's messages and tools to the library's, and back. */
final class Messages {
  private static final ObjectMapper MAPPER = JsonOutput.mapper();

  private Messages() {}

  static ChatMessage read(dev.langchain4j.data.message.ChatMessage message) {
    if (message instanceof SystemMessage system) {
      return ChatMessage.system(system.text());
    } else if (message instanceof UserMessage user) {
      ChatMessage read = ChatMessage.user("").withParts(texts(user.contents()));
      return user.name() == null ? read : read.withName(user.name());
    } else if (message instanceof AiMessage ai) {
      return read(ai);
    } else if (message instanceof ToolExecutionResultMessage result) {
      return read(result);
    }
    throw new UnsupportedFeatureException(
        "messages of type "
            + message.type()
            + " are not supported: system, user, AI and tool"
            + " execution results are");
  }

  private static ChatMessage read(AiMessage ai) {
    ChatMessage read =
        ChatMessage.assistant(orEmpty(ai.text()))
            .withToolCalls(ai.toolExecutionRequests().stream().map(Messages::read).toList());
    return ai.thinking() == null ? read : read.withReasoning(ai.thinking());
  }

  private static ChatMessage read(ToolExecutionResultMessage result) {
    ChatMessage read = new ChatMessage("tool", "").withParts(texts(result.contents()));
    read = result.toolName() == null ? read : read.withName(result.toolName());
    return result.id() == null ? read : read.withToolCallId(result.id());
  }

  private static ToolCall read(ToolExecutionRequest request) {
    String arguments = orEmpty(request.arguments());
    return new ToolCall(
        Optional.ofNullable(request.id()), request.name(), arguments.isBlank() ? "{}" : arguments);
  }

  private static List<String> texts(List<Content> contents) {
    return contents.stream().map(Messages::text).toList();
  }

  private static String text(Content content) {
    if (content instanceof TextContent text) {
      return text.text();
    }
    throw new UnsupportedFeatureException(
        Ascii.toLowerCase(content.type().name()) + " content is not supported: text is");
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }

  static Tool read(ToolSpecification tool) {
    String description = orEmpty(tool.description());
    if (tool.parameters() == null) {
      return Tool.of(tool.name(), description);
    }
    try {
      String parameters = JsonOutput.compact(JsonText.parse(tool.toJson()).path("parameters"));
      return new Tool(tool.name(), description, parameters);
    } catch (InvalidJsonException e) {
      throw new IllegalStateException("LangChain4j wrote a tool that is no JSON", e);
    }
  }

  /** What an answer must be: JSON of a schema, or any. */
  static Optional<Constraint> form(@Nullable ResponseFormat format) {
    if (format == null || format.type() != ResponseFormatType.JSON) {
      return Optional.empty();
    } else if (format.jsonSchema() == null) {
      return Optional.of(Constraint.json());
    }
    JsonNode schema =
        MAPPER.valueToTree(JsonSchemaElementUtils.toMap(format.jsonSchema().rootElement()));
    return Optional.of(Constraint.jsonSchema(JsonOutput.compact(schema)));
  }

  static ToolExecutionRequest write(ToolCall call) {
    return ToolExecutionRequest.builder()
        .id(call.id().orElse(null))
        .name(call.name())
        .arguments(call.arguments())
        .build();
  }
}
