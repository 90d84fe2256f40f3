package io.proxytune.core.tuner;

import static io.proxytune.core.tuner.HeldRequests.OPTIONS;
import static io.proxytune.core.tuner.HeldRequests.get;
import static io.proxytune.core.tuner.HeldRequests.mostTogether;
import static io.proxytune.core.tuner.HeldRequests.prompt;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proxytune.Batching;
import io.proxytune.BusyException;
import io.proxytune.Generation;
import io.proxytune.ProxyTuneException;
import io.proxytune.TokenStream;
import io.proxytune.core.ensemble.FakeModel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Requests of several threads, and how many of them are decoded together. */
@Timeout(60)
class TogetherLimitsTest {
  private final HeldRequests requests = new HeldRequests();
  private final TunerFixture fixture = requests.fixture;
  private final FakeModel base = requests.base;

  @AfterEach
  void nothingStaysOpen() {
    requests.assertNothingOpen();
  }

  @Test
  void noMoreTextsThanAllowedAreDecodedTogether() throws Exception {
    DefaultProxyTuner tuner = fixture.batching(Batching.defaults().withMaxSequences(3)).tuner(base);
    Future<Generation> first = requests.held(tuner);
    List<Future<Generation>> others = new ArrayList<>();
    for (int i = 1; i < 9; i++) {
      int index = i;
      others.add(requests.beside(tuner, () -> tuner.generate(prompt(index), OPTIONS)));
    }
    requests.goOn();

    assertThat(get(first).tokenIds()).hasSize(6);
    for (int i = 1; i < 9; i++) {
      Generation together = get(others.get(i - 1));
      assertThat(together.tokens()).isEqualTo(tuner.generate(prompt(i), OPTIONS).tokens());
    }
    assertThat(mostTogether(base)).isEqualTo(3);
  }

  @Test
  void aFullQueueRefusesOrLetsWait() throws Exception {
    Batching one = Batching.defaults().withMaxSequences(1).withMaxQueued(1);
    DefaultProxyTuner refusing = fixture.batching(one.withLongestWait(Duration.ZERO)).tuner(base);
    Future<Generation> first = requests.held(refusing);
    Future<Generation> queued =
        requests.beside(refusing, () -> refusing.generate(prompt(1), OPTIONS));

    assertThatThrownBy(() -> refusing.generate(prompt(2), OPTIONS))
        .isInstanceOf(BusyException.class)
        .hasMessageContaining("this request is refused: 1 are waiting to begin")
        .hasMessageContaining("at most 1 texts are decoded together")
        .hasMessageContaining("Batching.withMaxQueued");
    requests.goOn();
    assertThat(get(first).tokenIds()).hasSize(6);
    assertThat(get(queued).tokenIds()).hasSize(6);
  }

  @Test
  void aFullQueueLetsWaitForSoLong() throws Exception {
    Batching one =
        Batching.defaults()
            .withMaxSequences(1)
            .withMaxQueued(0)
            .withLongestWait(Duration.ofMillis(50));
    DefaultProxyTuner tuner = fixture.batching(one).tuner(base);
    Future<Generation> first = requests.held(tuner);

    assertThatThrownBy(() -> tuner.generate(prompt(2), OPTIONS))
        .isInstanceOf(BusyException.class)
        .hasMessageContaining("refused after PT0.05S");
    requests.goOn();
    assertThat(get(first).tokenIds()).hasSize(6);
    assertThat(tuner.generate(prompt(2), OPTIONS).tokenIds()).hasSize(6);
  }

  private int mostTogetherOfFive(DefaultProxyTuner tuner) throws Exception {
    Future<Generation> first = requests.held(tuner);
    List<Future<Generation>> others = new ArrayList<>();
    for (int i = 1; i < 5; i++) {
      int index = i;
      others.add(requests.beside(tuner, () -> tuner.generate(prompt(index), OPTIONS)));
    }
    requests.goOn();
    get(first);
    for (Future<Generation> other : others) {
      assertThat(get(other).tokenIds()).hasSize(6);
    }
    return mostTogether(base);
  }

  @Test
  void memoryOfCachesIsBounded() throws Exception {
    base.withBytesPerToken(10);
    int each = 10 * (3 + 6);
    DefaultProxyTuner tuner =
        fixture.batching(Batching.defaults().withCacheBytes(2L * each)).tuner(base);

    assertThat(mostTogetherOfFive(tuner)).isEqualTo(2);
    assertThatThrownBy(() -> tuner.generate(prompt(1), OPTIONS.withMaxNewTokens(20)))
        .isInstanceOf(ProxyTuneException.class)
        .hasMessageContaining("need 230 bytes, and all may have 180");
  }

  @Test
  void cachesTakeHalfOfWhatIsFreeUnlessMoreIsAllowed() throws Exception {
    base.withBytesPerToken(10).withFreeBytes(2 * 10 * (3 + 6) * 3);
    DefaultProxyTuner tuner = fixture.tuner(base);

    assertThat(mostTogetherOfFive(tuner)).isEqualTo(3);
    assertThat(tuner.generate(prompt(1), OPTIONS.withMaxNewTokens(50)).tokenIds())
        .as("one that needs more runs alone")
        .hasSize(50);
  }

  @Test
  void cachesAreUnboundedByChoice() throws Exception {
    base.withBytesPerToken(10).withFreeBytes(1);

    assertThat(
            mostTogetherOfFive(
                fixture.batching(Batching.defaults().withUnboundedCache()).tuner(base)))
        .isEqualTo(5);
  }

  @Test
  void whoWaitsForMemoryIsWokenByAStreamThatIsClosed() throws Exception {
    base.withBytesPerToken(1);
    DefaultProxyTuner tuner = fixture.batching(Batching.defaults().withCacheBytes(10)).tuner(base);
    TokenStream idle = tuner.stream(prompt(1), OPTIONS);
    idle.iterator().next();
    Future<Generation> waits = requests.beside(tuner, () -> tuner.generate(prompt(2), OPTIONS));
    assertThat(waits.isDone()).isFalse();
    idle.close();

    assertThat(get(waits).tokenIds()).hasSize(6);
  }
}
