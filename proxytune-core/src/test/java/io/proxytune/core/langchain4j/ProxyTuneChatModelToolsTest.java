package io.proxytune.core.langchain4j;

import static io.proxytune.core.langchain4j.ScriptedChats.WEATHER;
import static io.proxytune.core.langchain4j.ScriptedChats.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.ToolChoice;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.FinishReason;
import io.proxytune.core.files.JsonText;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tools that the model may call. */
class ProxyTuneChatModelToolsTest {
  private static final ToolSpecification ENUM =
      ToolSpecification.builder()
          .name("pick")
          .description("picks")
          .parameters(
              JsonObjectSchema.builder()
                  .addEnumProperty("kind", List.of("yes", "no"))
                  .required("kind")
                  .build())
          .build();

  private static final String CALL =
      """
      Wait.
      <tool_call>
      {"name": "weather", "arguments": {"city": "Paris"}}
      </tool_call>\
      """;

  private final ScriptedChats chats = new ScriptedChats();

  @AfterEach
  void close() {
    chats.close();
  }

  @Test
  void toolsAreToldAndCallsAreFound() {
    List<String> seen = new ArrayList<>();
    ChatModel model =
        chats.model(
            prompt -> {
              seen.add(prompt);
              return prompt.contains("<|tool:weather|>sunny") ? "It is sunny." : CALL;
            });
    ChatRequestParameters tools =
        ChatRequestParameters.builder().toolSpecifications(WEATHER).build();
    ChatResponse asked = model.chat(request(tools, UserMessage.from("Weather?")));
    assertThat(seen.get(0))
        .contains(
            "{\"type\": \"function\", \"function\": {\"name\": \"weather\", \"description\": \"the"
                + " weather\", \"parameters\": {\"type\": \"object\", \"properties\": {\"city\":"
                + " {\"type\": \"string\", \"description\": \"where\"}}, \"required\":"
                + " [\"city\"]}}}");
    assertThat(asked.finishReason()).isEqualTo(FinishReason.TOOL_EXECUTION);
    assertThat(asked.aiMessage().text()).isEqualTo("Wait.");
    ToolExecutionRequest call = asked.aiMessage().toolExecutionRequests().get(0);
    assertThat(call.name()).isEqualTo("weather");
    assertThat(call.arguments()).isEqualTo("{\"city\":\"Paris\"}");
    assertThat(call.id()).matches("[0-9a-z]{9}");
    ChatResponse answered =
        model.chat(
            request(
                tools,
                UserMessage.from("Weather?"),
                asked.aiMessage(),
                ToolExecutionResultMessage.from(call, "sunny")));
    assertThat(answered.aiMessage()).isEqualTo(AiMessage.from("It is sunny."));
    assertThat(answered.finishReason()).isEqualTo(FinishReason.STOP);
    ChatRequestParameters none =
        ChatRequestParameters.builder()
            .toolSpecifications(WEATHER)
            .toolChoice(ToolChoice.NONE)
            .build();
    ChatResponse text = model.chat(request(none, UserMessage.from("Weather?")));
    assertThat(text.aiMessage().text()).isEqualTo(CALL);
  }

  @Test
  void aCallThatIsNoJsonStaysText() {
    String broken = "<tool_call>\n{\"name\": \"weather\", \"arguments\":\n</tool_call>";
    ChatRequestParameters tools =
        ChatRequestParameters.builder().toolSpecifications(WEATHER).build();
    ChatResponse asked =
        chats.model(prompt -> broken).chat(request(tools, UserMessage.from("Weather?")));
    assertThat(asked.aiMessage().text()).isEqualTo(broken);
    assertThat(asked.finishReason()).isEqualTo(FinishReason.STOP);
  }

  /** The template writes the thoughts of earlier turns so. */
  @Test
  void thoughtsAreToldFromTheAnswer() {
    ChatModel model =
        chats.model(
            prompt -> "<think>\nHm.\n</think>\n\n" + (prompt.contains("Why") ? "So." : CALL));

    assertThat(model.chat(UserMessage.from("Why?")).aiMessage())
        .isEqualTo(AiMessage.builder().text("So.").thinking("Hm.").build());
    ChatRequestParameters tools =
        ChatRequestParameters.builder().toolSpecifications(WEATHER).build();
    AiMessage called = model.chat(request(tools, UserMessage.from("Weather?"))).aiMessage();
    assertThat(called.thinking()).isEqualTo("Hm.");
    assertThat(called.text()).isEqualTo("Wait.");
    assertThat(called.toolExecutionRequests()).hasSize(1);
  }

  @Test
  void aCallCanBeRequired() throws Exception {
    ChatRequestParameters required =
        ChatRequestParameters.builder()
            .toolSpecifications(ENUM)
            .toolChoice(ToolChoice.REQUIRED)
            .build();
    ChatResponse asked =
        chats
            .model(prompt -> "<tool_call>hello")
            .chat(request(required, UserMessage.from("Weather?")));
    ToolExecutionRequest call = asked.aiMessage().toolExecutionRequests().get(0);
    assertThat(call.name()).isEqualTo("pick");
    assertThat(JsonText.parse(call.arguments()).path("kind").asText()).isIn("yes", "no");
    ChatRequestParameters untold =
        ChatRequestParameters.builder().toolChoice(ToolChoice.REQUIRED).build();
    assertThatThrownBy(
            () ->
                chats
                    .model(prompt -> "<tool_call>hello")
                    .chat(request(untold, UserMessage.from("hi"))))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("there are no tools");
  }
}
