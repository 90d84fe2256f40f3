package io.proxytune.core.tuner;

import static io.proxytune.core.tuner.HeldRequests.OPTIONS;
import static io.proxytune.core.tuner.HeldRequests.get;
import static io.proxytune.core.tuner.HeldRequests.prompt;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proxytune.ExpertPair;
import io.proxytune.FinishReason;
import io.proxytune.Generation;
import io.proxytune.TokenStream;
import io.proxytune.core.ensemble.FakeModel;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What ends one of the requests of several threads leaves the others alone. */
@Timeout(60)
class TogetherFailureTest {
  private final HeldRequests requests = new HeldRequests();
  private final TunerFixture fixture = requests.fixture;
  private final FakeModel base = requests.base;

  @AfterEach
  void nothingStaysOpen() {
    requests.assertNothingOpen();
  }

  @Test
  void badLogitsEndTheirOwnRequestOnly() throws Exception {
    FakeModel spoilt =
        FakeModel.of(
                100,
                ids -> {
                  float[] row = FakeModel.hashedRow(ids, 9, 40);
                  row[7] = ids.get(0) == 6 && ids.size() == 5 ? Float.NaN : row[7];
                  return row;
                })
            .sharingPasses();
    DefaultProxyTuner tuner = fixture.tuner(spoilt);
    Generation alone = tuner.generate(prompt(0), OPTIONS);
    requests.hold(spoilt);
    Future<Generation> good = requests.first(() -> tuner.generate(prompt(0), OPTIONS));
    Future<Generation> bad = requests.beside(tuner, () -> tuner.generate(prompt(1), OPTIONS));
    requests.goOn();

    assertThat(get(good).tokens()).isEqualTo(alone.tokens());
    assertThatThrownBy(() -> get(bad))
        .isInstanceOf(ExecutionException.class)
        .hasMessageContaining("base ('saying') gave logit NaN for token id 7 at position 5");
  }

  @Test
  void aPassThatFailsForOneIsRepeatedForTheOthersAlone() throws Exception {
    DefaultProxyTuner tuner = fixture.tuner(base);
    Generation alone = tuner.generate(prompt(0), OPTIONS);
    Future<Generation> first = requests.held(tuner);
    FakeModel expert = FakeModel.hashed("expert", 2).sharingPasses();
    DefaultProxyTuner steered =
        fixture.tuner(base, ExpertPair.of(expert, FakeModel.hashed("anti", 3).sharingPasses()));
    Future<Generation> second = requests.beside(tuner, () -> steered.generate(prompt(1), OPTIONS));
    expert.close();
    requests.goOn();

    assertThat(get(first).tokens()).isEqualTo(alone.tokens());
    assertThatThrownBy(() -> get(second)).hasMessageContaining("'expert' is closed");
  }

  /** Tells its thread, which someone is to interrupt meanwhile. */
  private static Generation generateInterrupted(
      DefaultProxyTuner tuner, AtomicReference<Thread> thread) {
    thread.set(Thread.currentThread());
    Generation text = tuner.generate(prompt(2), OPTIONS);
    assertThat(Thread.interrupted()).isTrue();
    return text;
  }

  @Test
  void whatEndsOneRequestLeavesTheOthersAlone() throws Exception {
    DefaultProxyTuner tuner = fixture.tuner(base);
    DefaultProxyTuner closing = fixture.tuner(base);
    Generation alone = tuner.generate(prompt(0), OPTIONS);
    Future<Generation> first = requests.held(tuner);
    AtomicReference<TokenStream> stream = new AtomicReference<>();
    Future<Generation> cancelled =
        requests.beside(
            tuner,
            () -> {
              stream.set(tuner.stream(prompt(1), OPTIONS));
              return stream.get().result();
            });
    AtomicReference<Thread> thread = new AtomicReference<>();
    Future<Generation> interrupted =
        requests.beside(tuner, () -> generateInterrupted(tuner, thread));
    Future<Generation> late =
        requests.beside(
            tuner, () -> tuner.generate(prompt(3), OPTIONS.withTimeLimit(Duration.ofSeconds(1))));
    Future<Generation> closed = requests.beside(tuner, () -> closing.generate(prompt(4), OPTIONS));
    stream.get().cancel();
    thread.get().interrupt();
    fixture.clock.addAndGet(Duration.ofSeconds(2).toNanos());
    closing.close();
    requests.goOn();

    assertThat(get(first).tokens()).isEqualTo(alone.tokens());
    assertThat(get(cancelled).finishReason()).isEqualTo(FinishReason.CANCELLED);
    assertThat(get(interrupted).finishReason()).isEqualTo(FinishReason.CANCELLED);
    assertThat(get(late).finishReason()).isEqualTo(FinishReason.DEADLINE);
    assertThatThrownBy(() -> get(closed)).hasMessageContaining("closed while generating");
    assertThat(base.passes().stream().skip(6))
        .as("none of them began")
        .allSatisfy(pass -> assertThat(pass).hasSize(1));
  }
}
