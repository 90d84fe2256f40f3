package io.proxytune.core.tuner;

import static io.proxytune.core.tuner.HeldRequests.OPTIONS;
import static io.proxytune.core.tuner.HeldRequests.await;
import static io.proxytune.core.tuner.HeldRequests.awaitWaiting;
import static io.proxytune.core.tuner.HeldRequests.get;
import static io.proxytune.core.tuner.HeldRequests.mostTogether;
import static io.proxytune.core.tuner.HeldRequests.prompt;
import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.ExpertPair;
import io.proxytune.Generation;
import io.proxytune.Sampler;
import io.proxytune.Token;
import io.proxytune.TokenStream;
import io.proxytune.core.ensemble.FakeModel;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Requests of several threads on models that let them share passes. */
@Timeout(60)
class TogetherTest {
  private final HeldRequests requests = new HeldRequests();
  private final TunerFixture fixture = requests.fixture;
  private final FakeModel base = requests.base;

  @AfterEach
  void nothingStaysOpen() {
    requests.assertNothingOpen();
  }

  @Test
  void requestsOfSeveralThreadsRunInOneBatchAndEqualThoseAlone() throws Exception {
    DefaultProxyTuner tuner = fixture.tuner(base);
    List<Generation> alone = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      alone.add(tuner.generate(prompt(i), OPTIONS));
    }
    base.passes().clear();
    List<Future<Generation>> together = new ArrayList<>();
    together.add(requests.held(tuner));
    for (int i = 1; i < 8; i++) {
      int index = i;
      together.add(requests.submit(() -> tuner.generate(prompt(index), OPTIONS)));
    }
    awaitWaiting(tuner, 8);
    requests.goOn();

    for (int i = 0; i < 8; i++) {
      assertThat(get(together.get(i)).tokens()).isEqualTo(alone.get(i).tokens());
    }
    assertThat(mostTogether(base)).isEqualTo(8);
    assertThat(base.passes().size()).as("passes of all").isLessThan(16);
  }

  @Test
  void tunersThatShareTheBaseShareItsPasses() throws Exception {
    FakeModel expert = FakeModel.hashed("expert", 2).sharingPasses();
    FakeModel antiExpert = FakeModel.hashed("anti", 3).sharingPasses();
    DefaultProxyTuner plain = fixture.tuner(base);
    DefaultProxyTuner steered = fixture.tuner(base, ExpertPair.of(expert, antiExpert));
    Generation plainAlone = plain.generate(prompt(1), OPTIONS);
    Generation steeredAlone = steered.generate(prompt(2), OPTIONS.withLogprobs(2));
    base.passes().clear();
    Future<Generation> first = requests.held(plain);
    Future<Generation> second = requests.submit(() -> plain.generate(prompt(1), OPTIONS));
    Future<Generation> third =
        requests.submit(() -> steered.generate(prompt(2), OPTIONS.withLogprobs(2)));
    awaitWaiting(plain, 3);
    requests.goOn();

    get(first);
    assertThat(get(second).tokens()).isEqualTo(plainAlone.tokens());
    assertThat(get(third).tokens()).isEqualTo(steeredAlone.tokens());
    assertThat(mostTogether(base)).isEqualTo(3);
  }

  /** Greedy, by the application's code. */
  private static int greedy(float[] logits) {
    int best = 0;
    for (int id = 0; id < logits.length; id++) {
      best = logits[id] > logits[best] ? id : best;
    }
    return best;
  }

  @Test
  void anApplicationsSamplerRunsOnItsCallersThreadAndStallsNobody() throws Exception {
    DefaultProxyTuner tuner = fixture.tuner(base);
    Generation alone = tuner.generate(prompt(1), OPTIONS);
    Generation greedy = tuner.generate(prompt(2), OPTIONS);
    CountDownLatch inSampler = new CountDownLatch(1);
    CountDownLatch samplerGoesOn = new CountDownLatch(1);
    AtomicReference<Thread> caller = new AtomicReference<>();
    Sampler.Custom sampler =
        (logits, context) -> {
          assertThat(Thread.currentThread()).isSameAs(caller.get());
          inSampler.countDown();
          await(samplerGoesOn);
          return greedy(logits);
        };
    Future<Generation> slow =
        requests.submit(
            () -> {
              caller.set(Thread.currentThread());
              return tuner.generate(prompt(2), OPTIONS.withSampler(sampler));
            });
    await(inSampler);

    assertThat(tuner.generate(prompt(1), OPTIONS).tokens()).isEqualTo(alone.tokens());
    samplerGoesOn.countDown();
    assertThat(get(slow).tokens()).isEqualTo(greedy.tokens());
  }

  @Test
  void aStreamThatNobodyReadsTakesPartInNoStep() {
    DefaultProxyTuner tuner = fixture.tuner(base);
    try (TokenStream left = tuner.stream(prompt(1), OPTIONS)) {
      Iterator<Token> tokens = left.iterator();
      tokens.next();
      base.passes().clear();
      tuner.generate(prompt(2), OPTIONS);

      assertThat(base.passes()).hasSize(6).allSatisfy(pass -> assertThat(pass).hasSize(1));
      assertThat(tokens).toIterable().hasSize(5);
    }
  }

  @Test
  void asynchronousRequestsRunTogetherToo() throws Exception {
    try (DefaultProxyTuner tuner = fixture.tuner(base)) {
      Generation alone = tuner.generate(prompt(1), OPTIONS);
      Future<Generation> first = requests.held(tuner);
      List<CompletableFuture<Generation>> others = new ArrayList<>();
      for (int i = 1; i < 6; i++) {
        others.add(tuner.generateAsync(prompt(1), OPTIONS));
      }
      awaitWaiting(tuner, 6);
      requests.goOn();

      get(first);
      for (CompletableFuture<Generation> other : others) {
        assertThat(get(other).tokens()).isEqualTo(alone.tokens());
      }
      assertThat(mostTogether(base)).isEqualTo(6);
    }
  }
}
