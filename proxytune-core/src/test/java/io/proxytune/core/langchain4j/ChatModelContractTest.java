package io.proxytune.core.langchain4j;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.common.AbstractChatModelIT;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import io.proxytune.ProxyTuner;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;

/** What LangChain4j asks of every {@link ChatModel}, in its own tests. */
@Tag("slow")
class ChatModelContractTest extends AbstractChatModelIT {
  private final ProxyTuner tuner = ContractScript.tuner();

  @AfterAll
  void close() {
    tuner.close();
  }

  @Override
  protected List<ChatModel> models() {
    return List.of(ProxyTuneChatModel.of(tuner));
  }

  @Override
  protected ChatModel createModelWith(ChatRequestParameters parameters) {
    return ProxyTuneChatModel.builder().tuner(tuner).defaultRequestParameters(parameters).build();
  }

  @Override
  protected ChatRequestParameters createIntegrationSpecificParameters(int maxOutputTokens) {
    return createParameters(maxOutputTokens); // there are none beyond the common ones
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
