package io.proxytune.examples.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiLanguageModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import dev.langchain4j.model.output.FinishReason;
import io.proxytune.ChatMessage;
import io.proxytune.ExpertPair;
import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.examples.TinyFamily;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** LangChain4j's OpenAI module gets from the server what the tuner says. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LangChain4jTest {
  private static final String KEY = "a-key-of-a-test";
  private static final String MODEL = "base+expert";
  private static final int TOKENS = 10;

  private ServedFamily served;
  private ProxyTuner tuner;
  private RunningServer server;

  @BeforeAll
  void start(@TempDir Path folder) {
    Path family = TinyFamily.write(folder.resolve("family"));
    served = new ServedFamily(family, ApiKeys.parse("keys", KEY));
    tuner = served.tuner;
    server = served.server;
  }

  @AfterAll
  void stop() {
    served.close();
  }

  private OpenAiChatModel.OpenAiChatModelBuilder chat() {
    return OpenAiChatModel.builder()
        .baseUrl(server.uri("/v1").toString())
        .apiKey(KEY)
        .modelName(MODEL)
        .temperature(0.0)
        .maxTokens(TOKENS)
        .maxRetries(0);
  }

  private Generation expected(ChatMessage... messages) {
    GenerationOptions options = GenerationOptions.defaults().withMaxNewTokens(TOKENS);
    return tuner.generate(Prompt.chat(messages), options);
  }

  @Test
  void aChatIsTheTuners() {
    Generation expected =
        expected(
            ChatMessage.system("blue light"),
            ChatMessage.user("why is the sky"),
            ChatMessage.assistant("because"),
            ChatMessage.user("of"));
    ChatResponse response =
        chat()
            .build()
            .chat(
                SystemMessage.from("blue light"),
                UserMessage.from("why is the sky"),
                AiMessage.from("because"),
                UserMessage.from("of"));
    assertThat(response.aiMessage().text()).isEqualTo(expected.text());
    assertThat(response.tokenUsage().outputTokenCount()).isEqualTo(expected.tokenIds().size());
    assertThat(response.tokenUsage().inputTokenCount()).isEqualTo(expected.promptTokenIds().size());
    assertThat(response.finishReason())
        .isEqualTo(expected.stopId().isPresent() ? FinishReason.STOP : FinishReason.LENGTH);
  }

  @Test
  void aStreamedChatIsTheTuners() throws Exception {
    Generation expected = expected(ChatMessage.user("the sea is"));
    StringBuilder pieces = new StringBuilder();
    CompletableFuture<ChatResponse> complete = new CompletableFuture<>();
    OpenAiStreamingChatModel.builder()
        .baseUrl(server.uri("/v1").toString())
        .apiKey(KEY)
        .modelName(MODEL)
        .temperature(0.0)
        .maxTokens(TOKENS)
        .build()
        .chat(
            "the sea is",
            new StreamingChatResponseHandler() {
              @Override
              public void onPartialResponse(String piece) {
                pieces.append(piece);
              }

              @Override
              public void onCompleteResponse(ChatResponse response) {
                complete.complete(response);
              }

              @Override
              public void onError(Throwable error) {
                complete.completeExceptionally(error);
              }
            });
    ChatResponse response = complete.get(60, TimeUnit.SECONDS);
    assertThat(pieces).hasToString(expected.text());
    assertThat(response.aiMessage().text()).isEqualTo(expected.text());
    assertThat(response.tokenUsage().outputTokenCount()).isEqualTo(expected.tokenIds().size());
  }

  @Test
  void anExtraFieldSteers() {
    try (ProxyTuner other =
        RunningServer.tuner(
            served.base, List.of(new ExpertPair(served.expert, served.antiExpert, -1)))) {
      String expected =
          other
              .generate(
                  Prompt.chat(ChatMessage.user("the sea is")),
                  GenerationOptions.defaults().withMaxNewTokens(TOKENS))
              .text();
      assertThat(chat().customParameters(Map.of("alpha", -1)).build().chat("the sea is"))
          .isEqualTo(expected);
    }
  }

  @Test
  void aCompletionIsTheTuners() {
    OpenAiLanguageModel model =
        OpenAiLanguageModel.builder()
            .baseUrl(server.uri("/v1").toString())
            .apiKey(KEY)
            .modelName(MODEL)
            .temperature(0.0)
            .build();
    String expected =
        tuner
            .generate(
                Prompt.of("why is the sky"), GenerationOptions.defaults().withMaxNewTokens(16))
            .text();
    assertThat(model.generate("why is the sky").content()).isEqualTo(expected);
  }

  /** The model's vocabulary is of words, and has no braces. */
  @Test
  void aRefusalIsItsException() {
    OpenAiChatModel json = chat().responseFormat("json_object").build();
    assertThatThrownBy(() -> json.chat("the"))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("the vocabulary can't spell what this constraint asks for");
  }
}
