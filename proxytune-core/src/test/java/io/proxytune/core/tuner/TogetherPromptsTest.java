package io.proxytune.core.tuner;

import static io.proxytune.core.tuner.HeldRequests.OPTIONS;
import static io.proxytune.core.tuner.HeldRequests.get;
import static io.proxytune.core.tuner.HeldRequests.prompt;
import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.Token;
import io.proxytune.TokenStream;
import io.proxytune.core.ensemble.FakeModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Long prompts of other threads beside a text that is being decoded. */
@Timeout(60)
class TogetherPromptsTest {
  private final HeldRequests requests = new HeldRequests();
  private final TunerFixture fixture = requests.fixture;
  private final FakeModel base = requests.base;

  @AfterEach
  void nothingStaysOpen() {
    requests.assertNothingOpen();
  }

  private static Prompt longPrompt() {
    int[] ids = new int[80];
    Arrays.fill(ids, 9);
    return Prompt.ofIds(ids);
  }

  /** The most prompt tokens of a pass, where long prompts joined a text after its first pass. */
  private int mostBeside(DefaultProxyTuner tuner, int prompts, Callable<List<Token>> firstText)
      throws Exception {
    Generation alone = tuner.generate(longPrompt(), OPTIONS);
    base.passes().clear();
    requests.hold(base);
    Future<List<Token>> first = requests.first(firstText);
    List<Future<Generation>> longOnes = new ArrayList<>();
    for (int i = 0; i < prompts; i++) {
      longOnes.add(requests.beside(tuner, () -> tuner.generate(longPrompt(), OPTIONS)));
    }
    requests.goOn();
    for (Future<Generation> longOne : longOnes) {
      assertThat(get(longOne).tokens()).isEqualTo(alone.tokens());
    }
    assertThat(get(first)).hasSize(30);
    return base.passes().stream()
        .skip(1)
        .mapToInt(pass -> pass.stream().mapToInt(FakeModel.Call::tokens).filter(n -> n > 1).sum())
        .max()
        .orElseThrow();
  }

  private static List<Token> readAll(TokenStream stream) {
    List<Token> tokens = new ArrayList<>();
    try (stream) {
      stream.forEach(tokens::add);
    }
    return tokens;
  }

  @Test
  void longPromptsAreReadInPartsBesideStreamsThatGoOn() throws Exception {
    DefaultProxyTuner tuner = fixture.prefillChunk(1000).tuner(base);
    GenerationOptions thirty = OPTIONS.withMaxNewTokens(30);

    assertThat(mostBeside(tuner, 1, () -> readAll(tuner.stream(prompt(0), thirty))))
        .isBetween(16, 64);
  }

  @Test
  void longPromptsAreReadAtOnceBesideTextsWhoseEndIsWaitedFor() throws Exception {
    DefaultProxyTuner tuner = fixture.prefillChunk(1000).tuner(base);
    GenerationOptions thirty = OPTIONS.withMaxNewTokens(30);

    assertThat(mostBeside(tuner, 1, () -> tuner.generate(prompt(0), thirty).tokens()))
        .isEqualTo(80);
  }

  @Test
  void moreOfPromptsIsReadWhereMoreWaitThanGoOn() throws Exception {
    DefaultProxyTuner tuner = fixture.prefillChunk(1000).tuner(base);
    GenerationOptions thirty = OPTIONS.withMaxNewTokens(30);

    assertThat(mostBeside(tuner, 4, () -> readAll(tuner.stream(prompt(0), thirty))))
        .isBetween(4 * 16 + 1, 4 * 64);
  }
}
