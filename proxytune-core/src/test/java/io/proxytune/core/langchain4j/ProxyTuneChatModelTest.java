package io.proxytune.core.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.ImageContent;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.listener.ChatModelResponseContext;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.chat.request.ToolChoice;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.request.json.JsonRawSchema;
import dev.langchain4j.model.chat.request.json.JsonSchema;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.FinishReason;
import io.proxytune.GenerationListener;
import io.proxytune.GenerationOptions;
import io.proxytune.GenerationRequest;
import io.proxytune.Penalties;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.StandardSampler;
import io.proxytune.core.adapter.ScriptedModel;
import io.proxytune.core.files.JsonText;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProxyTuneChatModelTest {
  private static final ToolSpecification WEATHER =
      ToolSpecification.builder()
          .name("weather")
          .description("the weather")
          .parameters(
              JsonObjectSchema.builder()
                  .addStringProperty("city", "where")
                  .required("city")
                  .build())
          .build();

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

  private final List<ProxyTuner> tuners = new ArrayList<>();

  private ProxyTuner tuner(int context, UnaryOperator<String> answer) {
    ProxyTuner tuner = ProxyTuner.builder().base(ScriptedModel.of(context, answer)).build();
    tuners.add(tuner);
    return tuner;
  }

  private ChatModel model(UnaryOperator<String> answer) {
    return ProxyTuneChatModel.of(tuner(2000, answer));
  }

  @AfterEach
  void close() {
    tuners.forEach(ProxyTuner::close);
  }

  private static ChatRequest request(ChatRequestParameters parameters, ChatMessage... messages) {
    return ChatRequest.builder().messages(messages).parameters(parameters).build();
  }

  private static ChatRequestParameters maxTokens(int count) {
    return ChatRequestParameters.builder().maxOutputTokens(count).build();
  }

  @Test
  void aTextIsAnswered() {
    assertThat(model(prompt -> "Because.").chat("Why?")).isEqualTo("Because.");
  }

  @Test
  void messagesAreRenderedWithAllTheyHave() {
    List<String> seen = new ArrayList<>();
    ChatModel model =
        model(
            prompt -> {
              seen.add(prompt);
              return "ok";
            });
    ToolExecutionRequest call =
        ToolExecutionRequest.builder().id("c1").name("weather").arguments("{\"city\": 1}").build();
    model.chat(
        SystemMessage.from("Be brief."),
        UserMessage.from("ann", TextContent.from("One."), TextContent.from("Two.")),
        AiMessage.builder()
            .text("Look:")
            .thinking("hm")
            .toolExecutionRequests(List.of(call))
            .build(),
        ToolExecutionResultMessage.from(call, "sunny"));
    assertThat(seen.get(0))
        .isEqualTo(
            "<|system|>Be brief.<|end|><|user:ann|>One.\nTwo.<|end|><|assistant|><think>hm</think>"
                + "Look:<tool_call>\n{\"name\": \"weather\", \"arguments\": {\"city\": 1}}\n"
                + "</tool_call><|end|><|tool:weather|>sunny (c1)<|end|><|assistant|>");
  }

  @Test
  void usageAndReasonsAreTold() {
    ChatModel model = model(prompt -> "one two three four");
    ChatResponse whole = model.chat(request(maxTokens(100), UserMessage.from("Count.")));
    assertThat(whole.finishReason()).isEqualTo(FinishReason.STOP);
    assertThat(whole.modelName()).isEqualTo("proxytune");
    assertThat(whole.tokenUsage().inputTokenCount()).isPositive();
    ChatResponse cut = model.chat(request(maxTokens(2), UserMessage.from("Count.")));
    assertThat(cut.finishReason()).isEqualTo(FinishReason.LENGTH);
    assertThat(cut.tokenUsage().outputTokenCount()).isEqualTo(2);
    assertThat(cut.tokenUsage().totalTokenCount())
        .isEqualTo(cut.tokenUsage().inputTokenCount() + 2);
    ChatRequestParameters stops = ChatRequestParameters.builder().stopSequences(" three").build();
    ChatResponse stopped = model.chat(request(stops, UserMessage.from("Count.")));
    assertThat(stopped.finishReason()).isEqualTo(FinishReason.STOP);
    assertThat(stopped.aiMessage().text()).isEqualTo("one two");
  }

  @Test
  void toolsAreToldAndCallsAreFound() {
    List<String> seen = new ArrayList<>();
    ChatModel model =
        model(
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
    ChatResponse asked = model(prompt -> broken).chat(request(tools, UserMessage.from("Weather?")));
    assertThat(asked.aiMessage().text()).isEqualTo(broken);
    assertThat(asked.finishReason()).isEqualTo(FinishReason.STOP);
  }

  /** The template writes the thoughts of earlier turns so. */
  @Test
  void thoughtsAreToldFromTheAnswer() {
    ChatModel model =
        model(prompt -> "<think>\nHm.\n</think>\n\n" + (prompt.contains("Why") ? "So." : CALL));

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
  void aSchemaThatNothingMeetsIsRefused() {
    ResponseFormat format =
        ResponseFormat.builder()
            .type(ResponseFormatType.JSON)
            .jsonSchema(
                JsonSchema.builder()
                    .name("answer")
                    .rootElement(
                        JsonRawSchema.from(
                            "{\"type\": \"integer\", \"minimum\": 3, \"maximum\": 2}"))
                    .build())
            .build();
    ChatRequestParameters parameters =
        ChatRequestParameters.builder().responseFormat(format).build();
    assertThatThrownBy(
            () -> model(prompt -> "hello").chat(request(parameters, UserMessage.from("hi"))))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("no JSON meets it");
  }

  @Test
  void settingsReachTheTuner() {
    List<GenerationRequest> seen = new ArrayList<>();
    ProxyTuner tuner =
        ProxyTuner.builder()
            .base(ScriptedModel.of(200, prompt -> "ok"))
            .listener(
                new GenerationListener() {
                  @Override
                  public void started(GenerationRequest request) {
                    seen.add(request);
                  }
                })
            .build();
    tuners.add(tuner);
    ChatModel model =
        ProxyTuneChatModel.builder()
            .tuner(tuner)
            .modelName("mine")
            .defaultRequestParameters(
                ChatRequestParameters.builder().temperature(0.5).topK(7).build())
            .prompts(prompt -> prompt.withChatVariables(Map.of("a", 1)))
            .build();
    ChatRequestParameters asked =
        ChatRequestParameters.builder()
            .modelName("mine")
            .temperature(0.25)
            .topP(0.9)
            .frequencyPenalty(0.1)
            .presencePenalty(0.2)
            .maxOutputTokens(9)
            .build();
    model.chat(request(asked, UserMessage.from("hi")));
    GenerationOptions options = seen.get(0).options();
    assertThat(options.sampler()).isEqualTo(new StandardSampler(0.25, 7, 0.9, 0, 1));
    assertThat(options.penalties()).isEqualTo(new Penalties(1, 0.1, 0.2));
    assertThat(options.maxNewTokens()).isEqualTo(9);
    assertThat(seen.get(0).prompts())
        .containsExactly(
            Prompt.chat(io.proxytune.ChatMessage.user("hi")).withChatVariables(Map.of("a", 1)));
  }

  @Test
  void listenersAreToldByLangChain4j() {
    List<String> seen = new ArrayList<>();
    ChatModel model =
        ProxyTuneChatModel.builder()
            .tuner(tuner(200, prompt -> "ok"))
            .listeners(
                List.of(
                    new ChatModelListener() {
                      @Override
                      public void onResponse(ChatModelResponseContext context) {
                        seen.add(context.chatResponse().aiMessage().text());
                      }
                    }))
            .build();
    model.chat("hi");
    assertThat(seen).containsExactly("ok");
  }

  /** Whatever the model would write: here it writes no JSON. */
  @Test
  void aSchemaBindsTheAnswer() throws Exception {
    ChatModel model = model(prompt -> "hello");
    ResponseFormat format =
        ResponseFormat.builder()
            .type(ResponseFormatType.JSON)
            .jsonSchema(
                JsonSchema.builder()
                    .name("answer")
                    .rootElement(
                        JsonObjectSchema.builder()
                            .addEnumProperty("kind", List.of("yes", "no"))
                            .required("kind")
                            .build())
                    .build())
            .build();
    ChatRequestParameters parameters =
        ChatRequestParameters.builder().responseFormat(format).build();
    String text = model.chat(request(parameters, UserMessage.from("hi"))).aiMessage().text();
    assertThat(JsonText.parse(text).path("kind").asText()).isIn("yes", "no");
    assertThat(model.supportedCapabilities())
        .containsExactly(Capability.RESPONSE_FORMAT_JSON_SCHEMA);
  }

  /** What the model would write, what it thinks, and what is left of its answer. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "<think>\\nYes or no?\\n</think>\\n\\n{\"kind\": \"no\"} | Yes or no? | no",
        "<think>{\"kind\": 1}</think>{\"kind\": \"yes\"} | {\"kind\": 1} | yes",
        "{\"kind\": \"no\"} | | no",
        "<think>Hm.</think>No, and then no. | Hm. | yes"
      })
  void aSchemaBindsWhatFollowsThoughts(String written, String thought, String kind)
      throws Exception {
    ResponseFormat format =
        ResponseFormat.builder()
            .type(ResponseFormatType.JSON)
            .jsonSchema(
                JsonSchema.builder()
                    .name("answer")
                    .rootElement(
                        JsonRawSchema.from(
                            "{\"properties\": {\"kind\": {\"enum\": [\"no\", \"yes\"]}},"
                                + " \"required\": [\"kind\"]}"))
                    .build())
            .build();
    AiMessage answer =
        model(prompt -> written.replace("\\n", "\n"))
            .chat(
                request(
                    ChatRequestParameters.builder().responseFormat(format).build(),
                    UserMessage.from("hi")))
            .aiMessage();
    assertThat(answer.thinking()).isEqualTo(thought);
    assertThat(JsonText.parse(answer.text()).path("kind").asText()).isEqualTo(kind);
  }

  @Test
  void aCallCanBeRequired() throws Exception {
    ChatRequestParameters required =
        ChatRequestParameters.builder()
            .toolSpecifications(ENUM)
            .toolChoice(ToolChoice.REQUIRED)
            .build();
    ChatResponse asked =
        model(prompt -> "<tool_call>hello").chat(request(required, UserMessage.from("Weather?")));
    ToolExecutionRequest call = asked.aiMessage().toolExecutionRequests().get(0);
    assertThat(call.name()).isEqualTo("pick");
    assertThat(JsonText.parse(call.arguments()).path("kind").asText()).isIn("yes", "no");
    ChatRequestParameters untold =
        ChatRequestParameters.builder().toolChoice(ToolChoice.REQUIRED).build();
    assertThatThrownBy(
            () -> model(prompt -> "<tool_call>hello").chat(request(untold, UserMessage.from("hi"))))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("there are no tools");
  }

  @Test
  void whatIsNotSupportedIsSaid() {
    ChatModel model = model(prompt -> "ok");
    UserMessage hi = UserMessage.from("hi");
    List<ChatRequest> refused =
        List.of(
            request(ChatRequestParameters.builder().modelName("other").build(), hi),
            request(
                ChatRequestParameters.builder().build(),
                UserMessage.from(ImageContent.from("http://localhost/a.png"))));
    for (ChatRequest request : refused) {
      assertThatThrownBy(() -> model.chat(request))
          .isInstanceOf(UnsupportedFeatureException.class)
          .hasMessageMatching(".*(not supported|asks for other).*");
    }
  }

  @Test
  void whatIsWrongIsLangChain4jsException() {
    ChatModel model = ProxyTuneChatModel.of(tuner(40, prompt -> "ok"));
    assertThatThrownBy(() -> model.chat("long ".repeat(100)))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("context");
    ChatModel untold =
        ProxyTuneChatModel.builder()
            .tuner(tuner(200, prompt -> "ok"))
            .prompts(Prompt::withChatTemplateFor)
            .build();
    ChatRequestParameters tools =
        ChatRequestParameters.builder().toolSpecifications(WEATHER).build();
    assertThatThrownBy(() -> untold.chat(request(tools, UserMessage.from("hi"))))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("no model would be told of them");
    ChatRequestParameters hot = ChatRequestParameters.builder().temperature(-1.0).build();
    assertThatThrownBy(() -> model.chat(request(hot, UserMessage.from("hi"))))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("temperature");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ProxyTuneChatModel.builder().build())
        .withMessageContaining("needs a tuner");
  }
}
