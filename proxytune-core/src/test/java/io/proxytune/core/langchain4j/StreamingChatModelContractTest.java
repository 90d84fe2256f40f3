package io.proxytune.core.langchain4j;

import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.common.AbstractStreamingChatModelIT;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import io.proxytune.ProxyTuner;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.mockito.ArgumentMatchers;
import org.mockito.InOrder;

/**
 * What LangChain4j asks of every {@link StreamingChatModel}, in its own tests. One of them waits
 * half a minute to see that nothing comes after a cancellation.
 */
@Tag("slow")
class StreamingChatModelContractTest extends AbstractStreamingChatModelIT {
  private final ProxyTuner tuner = ContractScript.tuner();

  @AfterAll
  void close() {
    tuner.close();
  }

  @Override
  protected List<StreamingChatModel> models() {
    return List.of(ProxyTuneStreamingChatModel.of(tuner));
  }

  @Override
  protected StreamingChatModel createModelWith(ChatRequestParameters parameters) {
    return ProxyTuneStreamingChatModel.builder()
        .tuner(tuner)
        .defaultRequestParameters(parameters)
        .build();
  }

  @Override
  public StreamingChatModel createModelWith(ChatModelListener listener) {
    return ProxyTuneStreamingChatModel.builder().tuner(tuner).listeners(List.of(listener)).build();
  }

  @Override
  protected ChatRequestParameters createIntegrationSpecificParameters(int maxOutputTokens) {
    return createParameters(maxOutputTokens); // there are none beyond the common ones
  }

  @Override
  protected void verifyToolCallbacks(
      StreamingChatResponseHandler handler, InOrder order, String id) {
    order.verify(handler).onCompleteToolCall(ArgumentMatchers.argThat(call -> isOf(call, id)));
  }

  @Override
  protected void verifyToolCallbacks(
      StreamingChatResponseHandler handler, InOrder order, String first, String second) {
    verifyToolCallbacks(handler, order, first);
    verifyToolCallbacks(handler, order, second);
  }

  private static boolean isOf(CompleteToolCall call, String id) {
    return call.toolExecutionRequest().id().equals(id);
  }

  /** Calls come when all of them is there. */
  @Override
  protected boolean supportsPartialToolStreaming(StreamingChatModel model) {
    return false;
  }

  /** A model has one name: another is refused in requests, and is its name among the defaults. */
  @Override
  protected boolean supportsModelNameParameter() {
    return false;
  }

  @Override
  protected boolean supportsDefaultRequestParameters() {
    return false; // only asked of what is not supported, which is the name
  }

  @Override
  protected boolean supportsSingleImageInputAsBase64EncodedString() {
    return false;
  }

  @Override
  protected boolean supportsSingleImageInputAsPublicURL() {
    return false;
  }

  /** There is no server that knows an answer by an id. */
  @Override
  protected boolean assertResponseId() {
    return false;
  }
}
