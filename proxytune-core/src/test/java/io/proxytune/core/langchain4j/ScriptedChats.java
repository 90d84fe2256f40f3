package io.proxytune.core.langchain4j;

import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import io.proxytune.ProxyTuner;
import io.proxytune.core.adapter.ScriptedModel;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** Chat models that say what a test has them say, closed together. */
final class ScriptedChats implements AutoCloseable {
  static final ToolSpecification WEATHER =
      ToolSpecification.builder()
          .name("weather")
          .description("the weather")
          .parameters(
              JsonObjectSchema.builder()
                  .addStringProperty("city", "where")
                  .required("city")
                  .build())
          .build();

  private final List<ProxyTuner> tuners = new ArrayList<>();

  ProxyTuner tuner(int context, UnaryOperator<String> answer) {
    return add(ProxyTuner.builder().base(ScriptedModel.of(context, answer)).build());
  }

  /** Takes over the closing of a tuner. */
  ProxyTuner add(ProxyTuner tuner) {
    tuners.add(tuner);
    return tuner;
  }

  ChatModel model(UnaryOperator<String> answer) {
    return ProxyTuneChatModel.of(tuner(2000, answer));
  }

  static ChatRequest request(ChatRequestParameters parameters, ChatMessage... messages) {
    return ChatRequest.builder().messages(messages).parameters(parameters).build();
  }

  @Override
  public void close() {
    tuners.forEach(ProxyTuner::close);
  }
}
