package io.proxytune.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.FinishReason;
import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.LogitSource;
import io.proxytune.ProxyTuner;
import io.proxytune.Token;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Greedy text of small trained checkpoints in float32, token for token that of transformers. */
@Tag("slow")
@Tag("processor")
class SharedCheckpointsGoldenTest {
  private record Manifest(List<Run> runs) {}

  private record Run(
      String prompt, List<Integer> promptIds, List<Integer> ids, String text, boolean endOfText) {
    /** Room for more where the text is to end by itself. */
    GenerationOptions options() {
      return GenerationOptions.defaults()
          .withMaxNewTokens(endOfText ? ids.size() + 50 : ids.size())
          .withIgnoreEndOfText(!endOfText);
    }

    FinishReason finishReason() {
      return endOfText ? FinishReason.END_OF_TEXT : FinishReason.MAX_NEW_TOKENS;
    }
  }

  @ParameterizedTest
  @CsvSource({
    "tinystories-656k, tinystories-656k",
    "tinystories-656k-f32-lmhead-only, tinystories-656k",
    "stories-260k, stories-260k"
  })
  void greedyTextEqualsThatOfTransformers(String checkpoint, String manifest) {
    Path folder = SharedData.require("checkpoints/" + checkpoint);
    LoadOptions options = LoadOptions.defaults().withDType(DType.FLOAT32);
    try (LogitSource model = TorchModels.load(folder, options);
        ProxyTuner tuner = ProxyTuner.builder().base(model).build()) {
      GoldenModels.manifest(manifest, Manifest.class).runs.forEach(run -> assertRun(tuner, run));
    }
  }

  private static void assertRun(ProxyTuner tuner, Run run) {
    Generation generation = tuner.generate(run.prompt, run.options());
    assertThat(generation.promptTokenIds()).isEqualTo(run.promptIds);
    assertThat(generation.tokenIds()).isEqualTo(run.ids);
    assertThat(generation.text()).isEqualTo(run.text);
    assertThat(generation.finishReason()).isEqualTo(run.finishReason());
    assertThat(generation.tokens().stream().map(Token::text).collect(Collectors.joining()))
        .isEqualTo(run.text);
  }
}
