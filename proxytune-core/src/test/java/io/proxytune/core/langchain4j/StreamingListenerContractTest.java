package io.proxytune.core.langchain4j;

import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.common.AbstractStreamingChatModelListenerIT;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import io.proxytune.ProxyTuner;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;

/**
 * What LangChain4j asks of what every {@link StreamingChatModel} tells listeners, in its own tests.
 */
@Tag("slow")
class StreamingListenerContractTest extends AbstractStreamingChatModelListenerIT {
  private final List<ProxyTuner> tuners = new ArrayList<>();

  @AfterEach
  void close() {
    tuners.forEach(ProxyTuner::close);
  }

  private StreamingChatModel model(ProxyTuner tuner, ChatModelListener listener) {
    tuners.add(tuner);
    return ProxyTuneStreamingChatModel.builder()
        .tuner(tuner)
        .modelName(modelName())
        .defaultRequestParameters(
            ChatRequestParameters.builder()
                .temperature(temperature())
                .topP(topP())
                .maxOutputTokens(maxTokens())
                .build())
        .listeners(List.of(listener))
        .build();
  }

  @Override
  protected StreamingChatModel createModel(ChatModelListener listener) {
    return model(ContractScript.tuner(), listener);
  }

  @Override
  protected StreamingChatModel createFailingModel(ChatModelListener listener) {
    return model(ContractScript.tinyTuner(), listener);
  }

  @Override
  protected Class<? extends Exception> expectedExceptionClass() {
    return InvalidRequestException.class;
  }

  @Override
  protected String modelName() {
    return "scripted";
  }

  /** There is no server that knows an answer by an id. */
  @Override
  protected boolean assertResponseId() {
    return false;
  }
}
