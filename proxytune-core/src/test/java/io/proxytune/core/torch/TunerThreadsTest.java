package io.proxytune.core.torch;

import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.ProxyTunerBuilder;
import io.proxytune.TokenStream;
import io.proxytune.model.FunctionLogitSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The number of threads of a tuner, as a model sees it that computes with LibTorch itself. */
class TunerThreadsTest {
  private static final int PROCESS = 3;
  private static final Prompt PROMPT = Prompt.ofIds(1);
  private static final GenerationOptions OPTIONS = GenerationOptions.defaults().withMaxNewTokens(3);

  private final List<Integer> seen = new CopyOnWriteArrayList<>();
  private int before;

  @BeforeEach
  void processHasItsNumber() {
    before = TorchRuntime.threads();
    TorchRuntime.setThreads(PROCESS);
    TorchScope.open().close();
  }

  @AfterEach
  void asBefore() {
    TorchRuntime.setThreads(before);
    TorchScope.open().close();
  }

  private ProxyTunerBuilder builder() {
    return ProxyTuner.builder()
        .base(
            FunctionLogitSource.of(
                "threads",
                4,
                100,
                ids -> {
                  seen.add(torch.get_num_threads());
                  return new float[] {0, 1, 2, 3};
                }));
  }

  @Test
  void aTunerHasItsOwnNumberAndLeavesTheCallersAlone() {
    try (ProxyTuner tuner = builder().threads(1).build()) {
      assertThat(tuner.generate(PROMPT, OPTIONS).tokenIds()).hasSize(3);
      assertThat(torch.get_num_threads()).isEqualTo(PROCESS);
      try (TokenStream stream = tuner.stream(PROMPT, OPTIONS)) {
        stream.forEach(token -> assertThat(torch.get_num_threads()).isEqualTo(PROCESS));
      }
      tuner.generateAll(List.of(PROMPT, PROMPT), OPTIONS);
      tuner.generateAsync(PROMPT, OPTIONS).join();
    }
    assertThat(seen).hasSizeGreaterThan(9).containsOnly(1);
    assertThat(torch.get_num_threads()).isEqualTo(PROCESS);
  }

  @Test
  void aTunerWithoutOneHasTheNumberOfTheProcess() {
    try (ProxyTuner one = builder().threads(1).build();
        ProxyTuner other = builder().build()) {
      one.generate(PROMPT, OPTIONS);
      seen.clear();
      other.generate(PROMPT, OPTIONS);
    }
    assertThat(seen).containsOnly(PROCESS);
  }
}
