package io.proxytune.examples.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.LogitSource;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.core.TorchModels;
import io.proxytune.core.remote.OpenAiServer;
import io.proxytune.core.remote.RemoteModel;
import io.proxytune.core.remote.RemoteModels;
import io.proxytune.core.remote.ServerStats;
import io.proxytune.model.PartialLogits.Uncertified;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The shipped base behind this project's own server, which shows its 20 likeliest tokens, steered
 * with experts here.
 */
class SteeredServerTest {
  private static final Path FAMILY = Path.of("family");
  private static final GenerationOptions OPTIONS =
      GenerationOptions.defaults().withMaxNewTokens(24);
  private static final List<Prompt> PROMPTS =
      List.of(
          Prompt.of("Question: What is the"),
          Prompt.of("In the town of"),
          Prompt.of("Once there was a"));

  @Test
  void whatIsCertifiedIsWhatThreeModelsHereSay() {
    try (LogitSource base = TorchModels.load(FAMILY.resolve("base"));
        LogitSource expert = TorchModels.load(FAMILY.resolve("expert"));
        LogitSource antiExpert = TorchModels.load(FAMILY.resolve("small"));
        RunningServer server = RunningServer.of(base);
        RemoteModel remote = connect(server, expert);
        ProxyTuner here =
            ProxyTuner.builder().base(base).expert(expert).antiExpert(antiExpert).build();
        ProxyTuner there =
            ProxyTuner.builder().base(remote).expert(expert).antiExpert(antiExpert).build()) {
      int whole = 0;
      for (Prompt prompt : PROMPTS) {
        ServerStats before = remote.stats();
        Generation text = there.generate(prompt, OPTIONS);
        ServerStats after = remote.stats();
        if (after.uncertified() == before.uncertified()) {
          whole++;
          assertThat(text.tokenIds()).isEqualTo(here.generate(prompt, OPTIONS).tokenIds());
        }
      }
      assertThat(whole).isPositive();
      assertThat(remote.stats().certified()).isGreaterThan(24);
      assertThat(remote.stats().meanShown()).isBetween(15.0, 20.0);
      assertThat(remote.stats().repeated()).isZero();
    }
  }

  private static RemoteModel connect(RunningServer server, LogitSource expert) {
    OpenAiServer builder = RemoteModels.openAiServer(server.uri("/v1"));
    return builder.vocabularyOf(expert).likeliest(20, Uncertified.GO_ON).pastTheEnd().connect();
  }
}
