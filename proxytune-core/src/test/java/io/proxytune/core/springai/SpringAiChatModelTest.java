package io.proxytune.core.springai;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proxytune.ChatTemplateException;
import io.proxytune.ContextLengthException;
import io.proxytune.FinishReason;
import io.proxytune.Generation;
import io.proxytune.GenerationListener;
import io.proxytune.GenerationOptions;
import io.proxytune.GenerationRequest;
import io.proxytune.Penalties;
import io.proxytune.ProxyTuner;
import io.proxytune.StandardSampler;
import io.proxytune.core.adapter.ScriptedModel;
import io.proxytune.core.constraint.InvalidConstraintException;
import io.proxytune.core.files.JsonText;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.messages.SystemMessage;
import org.springframework.ai.chat.messages.ToolResponseMessage;
import org.springframework.ai.chat.messages.UserMessage;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.content.Media;
import org.springframework.ai.model.tool.DefaultToolCallingManager;
import org.springframework.ai.model.tool.StructuredOutputChatOptions;
import org.springframework.ai.model.tool.ToolCallingChatOptions;
import org.springframework.ai.model.tool.ToolCallingManager;
import org.springframework.ai.tool.ToolCallback;
import org.springframework.ai.tool.definition.DefaultToolDefinition;
import org.springframework.ai.tool.definition.ToolDefinition;
import org.springframework.util.MimeTypeUtils;

class SpringAiChatModelTest {
  private static final String CALL =
      "Wait. <tool_call>{\"name\": \"weather\", \"arguments\": {\"city\": \"Paris\"}}</tool_call>";

  private final List<ProxyTuner> tuners = new ArrayList<>();
  private final List<GenerationRequest> requests = new ArrayList<>();
  private final BlockingQueue<Generation> ended = new LinkedBlockingQueue<>();

  private final GenerationListener notes =
      new GenerationListener() {
        @Override
        public void started(GenerationRequest request) {
          requests.add(request);
        }

        @Override
        public void finished(GenerationRequest request, List<Generation> texts, Duration elapsed) {
          ended.addAll(texts);
        }
      };

  /** A tool that knows the weather. */
  private static final class Weather implements ToolCallback {
    @Override
    public ToolDefinition getToolDefinition() {
      return DefaultToolDefinition.builder()
          .name("weather")
          .description("the weather")
          .inputSchema("{\"type\": \"object\", \"properties\": {\"city\": {\"type\": \"string\"}}}")
          .build();
    }

    @Override
    public String call(String input) {
      return "sunny for " + input;
    }
  }

  private ProxyTuner tuner(UnaryOperator<String> answer) {
    ProxyTuner tuner =
        ProxyTuner.builder().base(ScriptedModel.of(2000, answer)).listener(notes).build();
    tuners.add(tuner);
    return tuner;
  }

  private ChatModel model(UnaryOperator<String> answer) {
    return ProxyTuneChatModel.of(tuner(answer));
  }

  @AfterEach
  void close() {
    tuners.forEach(ProxyTuner::close);
  }

  private static String text(ChatResponse response) {
    return requireNonNull(requireNonNull(response.getResult()).getOutput().getText());
  }

  private static String reason(ChatResponse response) {
    return requireNonNull(requireNonNull(response.getResult()).getMetadata().getFinishReason());
  }

  @Test
  void aTextIsAnswered() {
    assertThat(model(prompt -> "Because.").call("Why?")).isEqualTo("Because.");
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
    model.call(
        new SystemMessage("Be brief."),
        new UserMessage("Weather?"),
        AssistantMessage.builder()
            .content("Look:")
            .toolCalls(List.of(new AssistantMessage.ToolCall("c1", "function", "weather", "{}")))
            .build(),
        ToolResponseMessage.builder()
            .responses(List.of(new ToolResponseMessage.ToolResponse("c1", "weather", "sunny")))
            .build());
    assertThat(seen.get(0))
        .isEqualTo(
            "<|system|>Be brief.<|end|><|user|>Weather?<|end|><|assistant|>Look:<tool_call>\n"
                + "{\"name\": \"weather\", \"arguments\": {}}\n</tool_call><|end|>"
                + "<|tool:weather|>sunny (c1)<|end|><|assistant|>");
  }

  @Test
  void usageAndReasonsAreTold() {
    ChatModel model = model(prompt -> "one two three four");
    ChatResponse whole = model.call(new Prompt("Count."));
    assertThat(reason(whole)).isEqualTo("STOP");
    assertThat(whole.getMetadata().getModel()).isEqualTo("proxytune");
    ChatResponse cut = model.call(new Prompt("Count.", ChatOptions.builder().maxTokens(2).build()));
    assertThat(reason(cut)).isEqualTo("LENGTH");
    assertThat(cut.getMetadata().getUsage().getCompletionTokens()).isEqualTo(2);
    assertThat(cut.getMetadata().getUsage().getPromptTokens())
        .isEqualTo(ended.remove().promptTokenIds().size());
    ChatOptions stops = ChatOptions.builder().stopSequences(List.of(" three")).build();
    assertThat(text(model.call(new Prompt("Count.", stops)))).isEqualTo("one two");
  }

  /** As {@code ChatClient} does it: the manager executes what the model asks for. */
  @Test
  void toolsAreCalledBySpringsManager() {
    ChatModel model = model(prompt -> prompt.contains("<|tool:weather|>") ? "It is sunny." : CALL);
    Prompt prompt =
        new Prompt(
            List.of(new UserMessage("Weather?")),
            ToolCallingChatOptions.builder().toolCallbacks(new Weather()).build());
    ChatResponse asked = model.call(prompt);
    assertThat(reason(asked)).isEqualTo("TOOL_CALLS");
    assertThat(asked.hasToolCalls()).isTrue();
    assertThat(text(asked)).isEqualTo("Wait.");
    ToolCallingManager manager = DefaultToolCallingManager.builder().build();
    Prompt next =
        new Prompt(
            manager.executeToolCalls(prompt, asked).conversationHistory(), prompt.getOptions());
    assertThat(text(model.call(next))).isEqualTo("It is sunny.");
    assertThat(requests.get(1).prompts().get(0).messages().orElseThrow().get(2).content())
        .isEqualTo("sunny for {\"city\":\"Paris\"}");
    assertThat(requests.get(0).prompts().get(0).tools().get(0).name()).isEqualTo("weather");
  }

  @Test
  void optionsOfThePromptWinOverTheModels() {
    ProxyTuneChatModel model =
        ProxyTuneChatModel.builder()
            .tuner(tuner(prompt -> "ok"))
            .modelName("mine")
            .options(ChatOptions.builder().temperature(0.5).topK(7).build())
            .prompts(prompt -> prompt.withChatVariables(Map.of("a", 1)))
            .build();
    assertThat(model.getOptions().getModel()).isEqualTo("mine");
    ChatOptions asked =
        ChatOptions.builder()
            .model("mine")
            .temperature(0.25)
            .topP(0.9)
            .frequencyPenalty(0.1)
            .presencePenalty(0.2)
            .maxTokens(9)
            .build();
    model.call(new Prompt("hi", asked));
    GenerationOptions options = requests.get(0).options();
    assertThat(options.sampler()).isEqualTo(new StandardSampler(0.25, 7, 0.9, 0, 1));
    assertThat(options.penalties()).isEqualTo(new Penalties(1, 0.1, 0.2));
    assertThat(options.maxNewTokens()).isEqualTo(9);
    assertThat(requests.get(0).prompts().get(0).chatVariables()).isEqualTo(Map.of("a", 1));
  }

  @Test
  void aStreamEndsWithUsageAndReason() {
    List<ChatResponse> pieces =
        model(prompt -> "one two three").stream(new Prompt("Count."))
            .collectList()
            .block(Duration.ofSeconds(20));
    assertThat(requireNonNull(pieces)).hasSizeGreaterThan(3);
    assertThat(pieces.stream().map(SpringAiChatModelTest::text).reduce("", String::concat))
        .isEqualTo("one two three");
    ChatResponse last = pieces.get(pieces.size() - 1);
    assertThat(reason(last)).isEqualTo("STOP");
    assertThat(last.getMetadata().getUsage().getCompletionTokens())
        .isEqualTo(ended.remove().tokenIds().size());
  }

  @Test
  void aStreamEndsWithCalls() {
    List<ChatResponse> pieces =
        model(prompt -> CALL).stream(
                new Prompt(
                    "Weather?",
                    ToolCallingChatOptions.builder().toolCallbacks(new Weather()).build()))
            .collectList()
            .block(Duration.ofSeconds(20));
    ChatResponse last = requireNonNull(pieces).get(pieces.size() - 1);
    assertThat(pieces.stream().map(SpringAiChatModelTest::text).reduce("", String::concat))
        .isEqualTo("Wait.");
    assertThat(last.hasToolCalls()).isTrue();
    assertThat(reason(last)).isEqualTo("TOOL_CALLS");
  }

  private static Object thought(ChatResponse response) {
    return requireNonNull(response.getResult())
        .getOutput()
        .getMetadata()
        .getOrDefault(ProxyTuneChatModel.REASONING, "");
  }

  /** As Spring's aggregator puts pieces together, all of it is at the end. */
  @Test
  void thoughtsAreInTheMetadata() {
    List<String> seen = new ArrayList<>();
    ChatModel model =
        model(
            prompt -> {
              seen.add(prompt);
              return "<think>One and two.</think>\n\nThree.";
            });
    ChatResponse whole = model.call(new Prompt("Count."));
    assertThat(text(whole)).isEqualTo("Three.");
    assertThat(thought(whole)).isEqualTo("One and two.");
    List<ChatResponse> pieces =
        requireNonNull(
            model.stream(new Prompt("Count.")).collectList().block(Duration.ofSeconds(20)));
    assertThat(pieces.stream().map(SpringAiChatModelTest::text).reduce("", String::concat))
        .isEqualTo("Three.");
    int last = pieces.size() - 1;
    assertThat(
            pieces.subList(0, last).stream()
                .map(piece -> thought(piece).toString())
                .reduce("", String::concat))
        .isEqualTo("One and two.");
    assertThat(thought(pieces.get(last))).isEqualTo("One and two.");
    seen.clear();
    model.call(new UserMessage("a"), whole.getResult().getOutput(), new UserMessage("b"));
    assertThat(seen.get(0)).contains("<think>One and two.</think>Three.");
  }

  @Test
  void aCallThatIsNoJsonStaysText() {
    String broken = "<tool_call>{\"name\": \"weather\", \"arguments\": </tool_call>";
    ChatOptions tools = ToolCallingChatOptions.builder().toolCallbacks(new Weather()).build();
    ChatResponse asked = model(prompt -> broken).call(new Prompt("Weather?", tools));
    assertThat(text(asked)).isEqualTo(broken);
    assertThat(asked.hasToolCalls()).isFalse();
    assertThat(reason(asked)).isEqualTo("STOP");
  }

  @Test
  void toolsThatNoModelIsToldOfAreRefused() {
    ProxyTuneChatModel untold =
        ProxyTuneChatModel.builder()
            .tuner(tuner(prompt -> "ok"))
            .prompts(prompt -> prompt.withChatTemplateFor())
            .build();
    ChatOptions tools = ToolCallingChatOptions.builder().toolCallbacks(new Weather()).build();
    assertThatThrownBy(() -> untold.call(new Prompt("Weather?", tools)))
        .isInstanceOf(ChatTemplateException.class)
        .hasMessageContaining("no model would be told of them");
    assertThatThrownBy(() -> untold.stream(new Prompt("Weather?", tools)).blockLast())
        .isInstanceOf(ChatTemplateException.class);
  }

  @Test
  void whoTakesNoMoreEndsTheText() throws InterruptedException {
    ChatModel model = model(prompt -> "one two three");
    assertThat(model.stream(new Prompt("Count.")).take(1).collectList().block()).hasSize(1);
    Generation left = requireNonNull(ended.poll(10, TimeUnit.SECONDS));
    assertThat(left.finishReason()).isEqualTo(FinishReason.CANCELLED);
  }

  /** Whatever the model would write: here it writes no JSON. */
  @Test
  void aSchemaBindsTheAnswer() throws Exception {
    String schema =
        "{\"type\": \"object\", \"properties\": {\"kind\": {\"enum\": [\"yes\", \"no\"]}},"
            + " \"required\": [\"kind\"]}";
    ChatOptions options = StructuredOutputChatOptions.builder().outputSchema(schema).build();
    String text = text(model(prompt -> "hello").call(new Prompt("hi", options)));
    assertThat(JsonText.parse(text).path("kind").asText()).isIn("yes", "no");
  }

  @Test
  void whatIsRefusedIsSaid() {
    ChatModel model = model(prompt -> "ok");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> model.call(new Prompt("hi", ChatOptions.builder().model("other").build())))
        .withMessageContaining("this model is proxytune, and the prompt asks for other");
    ChatOptions schema =
        StructuredOutputChatOptions.builder().outputSchema("{\"not\": {}}").build();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> model.call(new Prompt("hi", schema)))
        .withMessageContaining("not");
    ChatOptions contradiction =
        StructuredOutputChatOptions.builder()
            .outputSchema("{\"type\": \"integer\", \"minimum\": 3, \"maximum\": 2}")
            .build();
    assertThatThrownBy(() -> model.call(new Prompt("hi", contradiction)))
        .isInstanceOf(InvalidConstraintException.class)
        .hasMessageContaining("no JSON meets it");
    UserMessage image =
        UserMessage.builder()
            .text("hi")
            .media(new Media(MimeTypeUtils.IMAGE_PNG, URI.create("http://localhost/a.png")))
            .build();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> model.call(image))
        .withMessageContaining("has media, and only text is read");
    assertThatThrownBy(() -> model.call("long ".repeat(2000)))
        .isInstanceOf(ContextLengthException.class);
    assertThatThrownBy(() -> model.stream(new Prompt("long ".repeat(2000))).blockLast())
        .isInstanceOf(ContextLengthException.class);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ProxyTuneChatModel.builder().build())
        .withMessageContaining("needs a tuner");
  }
}
