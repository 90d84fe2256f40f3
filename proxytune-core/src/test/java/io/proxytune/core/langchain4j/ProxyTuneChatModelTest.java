package io.proxytune.core.langchain4j;

import static io.proxytune.core.langchain4j.ScriptedChats.WEATHER;
import static io.proxytune.core.langchain4j.ScriptedChats.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ImageContent;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.listener.ChatModelResponseContext;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.FinishReason;
import io.proxytune.ChatMessage;
import io.proxytune.GenerationListener;
import io.proxytune.GenerationOptions;
import io.proxytune.GenerationRequest;
import io.proxytune.Penalties;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.StandardSampler;
import io.proxytune.core.adapter.ScriptedModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ProxyTuneChatModelTest {
  private final ScriptedChats chats = new ScriptedChats();

  @AfterEach
  void close() {
    chats.close();
  }

  private static ChatRequestParameters maxTokens(int count) {
    return ChatRequestParameters.builder().maxOutputTokens(count).build();
  }

  @Test
  void aTextIsAnswered() {
    assertThat(chats.model(prompt -> "Because.").chat("Why?")).isEqualTo("Because.");
  }

  @Test
  void messagesAreRenderedWithAllTheyHave() {
    List<String> seen = new ArrayList<>();
    ChatModel model =
        chats.model(
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
    ChatModel model = chats.model(prompt -> "one two three four");
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
  void settingsReachTheTuner() {
    List<GenerationRequest> seen = new ArrayList<>();
    ProxyTuner tuner =
        chats.add(
            ProxyTuner.builder()
                .base(ScriptedModel.of(200, prompt -> "ok"))
                .listener(
                    new GenerationListener() {
                      @Override
                      public void started(GenerationRequest request) {
                        seen.add(request);
                      }
                    })
                .build());
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
        .containsExactly(Prompt.chat(ChatMessage.user("hi")).withChatVariables(Map.of("a", 1)));
  }

  @Test
  void listenersAreToldByLangChain4j() {
    List<String> seen = new ArrayList<>();
    ChatModel model =
        ProxyTuneChatModel.builder()
            .tuner(chats.tuner(200, prompt -> "ok"))
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

  @Test
  void whatIsNotSupportedIsSaid() {
    ChatModel model = chats.model(prompt -> "ok");
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
    ChatModel model = ProxyTuneChatModel.of(chats.tuner(40, prompt -> "ok"));
    assertThatThrownBy(() -> model.chat("long ".repeat(100)))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("context");
    ChatModel untold =
        ProxyTuneChatModel.builder()
            .tuner(chats.tuner(200, prompt -> "ok"))
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
