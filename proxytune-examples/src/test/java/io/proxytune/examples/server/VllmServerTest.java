package io.proxytune.examples.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.core.DType;
import io.proxytune.core.LoadOptions;
import io.proxytune.core.TorchModels;
import io.proxytune.core.remote.RemoteModel;
import io.proxytune.core.remote.RemoteModels;
import io.proxytune.examples.evaluation.FamilyFolder;
import io.proxytune.model.LogitModel;
import io.proxytune.model.PartialLogits.Uncertified;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The shipped base behind vLLM's own server, which shows whole rows: {@code vllm serve family/base
 * --dtype float32 --max-model-len 128 --max-logprobs -1}. Run by the profile {@code clients}; the
 * property {@code proxytune.vllm.server} has the address that {@code /v1} ends.
 */
@Tag("clients")
class VllmServerTest {
  private static final List<Prompt> PROMPTS =
      List.of(
          Prompt.of("What does Greta Keld play?"),
          Prompt.of("In the town of"),
          Prompt.of("Once there was a"));

  @Test
  void wholeRowsGiveWhatThreeModelsHereSay() {
    String address = System.getProperty("proxytune.vllm.server", "");
    assumeTrue(!address.isEmpty(), "proxytune.vllm.server has no address of a vLLM server");
    FamilyFolder family = FamilyFolder.require(null);
    LoadOptions loading = LoadOptions.defaults().withDType(DType.FLOAT32);
    GenerationOptions options = GenerationOptions.defaults().withMaxNewTokens(16);
    try (LogitModel base = TorchModels.load(family.base(), loading);
        LogitModel expert = TorchModels.load(family.expert(), loading);
        LogitModel antiExpert = TorchModels.load(family.small(), loading);
        RemoteModel whole = connect(address, expert, base.width());
        RemoteModel few = connect(address, expert, 20);
        ProxyTuner here =
            ProxyTuner.builder().base(base).expert(expert).antiExpert(antiExpert).build();
        ProxyTuner there =
            ProxyTuner.builder().base(whole).expert(expert).antiExpert(antiExpert).build();
        ProxyTuner partly =
            ProxyTuner.builder().base(few).expert(expert).antiExpert(antiExpert).build()) {
      for (Prompt prompt : PROMPTS) {
        List<Integer> ids = here.generate(prompt, options).tokenIds();
        assertThat(there.generate(prompt, options).tokenIds()).isEqualTo(ids);
        List<Integer> certified = partly.generate(prompt, options).tokenIds();
        assertThat(certified).isEqualTo(ids.subList(0, certified.size()));
      }
      assertThat(whole.stats().meanShown()).isEqualTo(base.width());
      assertThat(whole.stats().unmapped()).isZero();
      assertThat(few.stats().certified()).isPositive();
    }
  }

  private static RemoteModel connect(String address, LogitModel vocabulary, int count) {
    return RemoteModels.openAiServer(URI.create(address))
        .vocabularyOf(vocabulary)
        .likeliest(count, Uncertified.STOP)
        .tokensAsIds()
        .pastTheEnd()
        .connect();
  }
}
