package io.proxytune.core.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.PartialThinking;
import dev.langchain4j.model.chat.response.PartialThinkingContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.output.FinishReason;
import io.proxytune.Generation;
import io.proxytune.GenerationListener;
import io.proxytune.GenerationRequest;
import io.proxytune.ProxyTuner;
import io.proxytune.core.adapter.ScriptedModel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ProxyTuneStreamingChatModelTest {
  private static final ToolSpecification NOW =
      ToolSpecification.builder().name("now").description("the time").build();

  private final List<ProxyTuner> tuners = new ArrayList<>();
  private final List<Generation> ended = new ArrayList<>();

  private ProxyTuneStreamingChatModel model(UnaryOperator<String> answer) {
    ProxyTuner tuner =
        ProxyTuner.builder()
            .base(ScriptedModel.of(2000, answer))
            .listener(
                new GenerationListener() {
                  @Override
                  public void finished(
                      GenerationRequest request, List<Generation> texts, Duration elapsed) {
                    ended.addAll(texts);
                  }
                })
            .build();
    tuners.add(tuner);
    // On this thread: what a handler sees, it sees in order.
    return ProxyTuneStreamingChatModel.builder().tuner(tuner).executor(Runnable::run).build();
  }

  @AfterEach
  void close() {
    tuners.forEach(ProxyTuner::close);
  }

  /** Writes down what it is told. */
  private static class Notes implements StreamingChatResponseHandler {
    final List<String> texts = new ArrayList<>();
    final List<String> thoughts = new ArrayList<>();
    final List<CompleteToolCall> calls = new ArrayList<>();
    final List<ChatResponse> responses = new ArrayList<>();
    final List<Throwable> errors = new ArrayList<>();

    @Override
    public void onPartialResponse(PartialResponse text, PartialResponseContext context) {
      texts.add(text.text());
    }

    @Override
    public void onPartialThinking(PartialThinking thinking, PartialThinkingContext context) {
      thoughts.add(thinking.text());
    }

    @Override
    public void onCompleteToolCall(CompleteToolCall call) {
      calls.add(call);
    }

    @Override
    public void onCompleteResponse(ChatResponse response) {
      responses.add(response);
    }

    @Override
    public void onError(Throwable error) {
      errors.add(error);
    }
  }

  private static ChatRequest asking(String text, ToolSpecification... tools) {
    return ChatRequest.builder().messages(UserMessage.from(text)).toolSpecifications(tools).build();
  }

  @Test
  void textComesAsItIsWritten() {
    Notes notes = new Notes();
    model(prompt -> "one two three").chat(asking("Count."), notes);
    assertThat(notes.texts).hasSizeGreaterThan(3);
    assertThat(String.join("", notes.texts)).isEqualTo("one two three");
    assertThat(notes.responses).hasSize(1);
    assertThat(notes.responses.get(0).aiMessage().text()).isEqualTo("one two three");
    assertThat(notes.responses.get(0).finishReason()).isEqualTo(FinishReason.STOP);
    assertThat(notes.errors).isEmpty();
  }

  @Test
  void thoughtsComeAsTheyAreWritten() {
    Notes notes = new Notes();
    model(prompt -> "<think>One and two.</think>\nThree.").chat(asking("Count."), notes);
    assertThat(notes.thoughts).hasSizeGreaterThan(2);
    assertThat(String.join("", notes.thoughts)).isEqualTo("One and two.");
    assertThat(String.join("", notes.texts)).isEqualTo("Three.");
    assertThat(notes.responses.get(0).aiMessage().thinking()).isEqualTo("One and two.");
    assertThat(notes.responses.get(0).aiMessage().text()).isEqualTo("Three.");
  }

  @Test
  void callsComeWhole() {
    Notes notes = new Notes();
    model(prompt -> "Wait. <tool_call>{\"name\": \"now\", \"arguments\": {}}</tool_call>")
        .chat(asking("Time?", NOW), notes);
    assertThat(String.join("", notes.texts)).isEqualTo("Wait.");
    assertThat(notes.calls).hasSize(1);
    assertThat(notes.calls.get(0).toolExecutionRequest())
        .isEqualTo(notes.responses.get(0).aiMessage().toolExecutionRequests().get(0));
    assertThat(notes.responses.get(0).finishReason()).isEqualTo(FinishReason.TOOL_EXECUTION);
  }

  @Test
  void whatOnlyLookedLikeACallIsSaid() {
    Notes notes = new Notes();
    model(prompt -> "{\"time\": 7}").chat(asking("Time?", NOW), notes);
    assertThat(String.join("", notes.texts)).isEqualTo("{\"time\": 7}");
    assertThat(notes.calls).isEmpty();
    assertThat(notes.responses.get(0).aiMessage().text()).isEqualTo("{\"time\": 7}");
  }

  @Test
  void cancellingEndsTheTextAndTheCalls() {
    Notes notes =
        new Notes() {
          @Override
          public void onPartialResponse(PartialResponse text, PartialResponseContext context) {
            super.onPartialResponse(text, context);
            context.streamingHandle().cancel();
            assertThat(context.streamingHandle().isCancelled()).isTrue();
          }
        };
    model(prompt -> "one two three").chat(asking("Count."), notes);
    assertThat(notes.texts).hasSize(1);
    assertThat(notes.responses).isEmpty();
    assertThat(notes.errors).isEmpty();
    assertThat(ended).hasSize(1);
    assertThat(ended.get(0).finishReason()).isEqualTo(io.proxytune.FinishReason.CANCELLED);
  }

  /** As LangChain4j's own tests want it. */
  @Test
  void aHandlerThatFailsIsToldSoAndTheTextGoesOn() {
    Notes notes =
        new Notes() {
          @Override
          public void onPartialResponse(PartialResponse text, PartialResponseContext context) {
            super.onPartialResponse(text, context);
            throw new IllegalStateException("full");
          }

          @Override
          public void onCompleteResponse(ChatResponse response) {
            super.onCompleteResponse(response);
            throw new IllegalStateException("full at the end");
          }
        };
    model(prompt -> "one two three").chat(asking("Count."), notes);
    assertThat(notes.texts).hasSizeGreaterThan(1);
    assertThat(notes.errors).hasSize(notes.texts.size() + 1);
    assertThat(notes.errors.get(0)).hasMessage("full");
    assertThat(notes.errors.get(notes.texts.size())).hasMessage("full at the end");
    assertThat(notes.responses.get(0).aiMessage().text()).isEqualTo("one two three");
  }

  @Test
  void whatIsRefusedReachesTheHandlerAndWhatIsNotSupportedTheCaller() {
    Notes notes = new Notes();
    model(prompt -> "ok").chat(asking("long ".repeat(2000)), notes);
    assertThat(notes.errors).hasSize(1);
    assertThat(notes.errors.get(0)).isInstanceOf(InvalidRequestException.class);
    ChatRequest other =
        ChatRequest.builder().messages(UserMessage.from("hi")).modelName("other").build();
    assertThatThrownBy(() -> model(prompt -> "ok").chat(other, notes))
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessageContaining("modelName is not supported");
    assertThat(notes.errors).hasSize(1);
  }

  @Test
  void aThreadOfItsOwnDecodes() throws InterruptedException {
    ProxyTuner tuner = ProxyTuner.builder().base(ScriptedModel.of(200, prompt -> "ok")).build();
    tuners.add(tuner);
    CountDownLatch done = new CountDownLatch(1);
    List<Thread> threads = new ArrayList<>();
    ProxyTuneStreamingChatModel.of(tuner)
        .chat(
            "hi",
            new Notes() {
              @Override
              public void onCompleteResponse(ChatResponse response) {
                threads.add(Thread.currentThread());
                done.countDown();
              }
            });
    assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(threads.get(0)).isNotSameAs(Thread.currentThread());
    assertThat(threads.get(0).isDaemon()).isTrue();
  }
}
