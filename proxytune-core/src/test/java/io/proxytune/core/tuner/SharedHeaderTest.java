package io.proxytune.core.tuner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proxytune.Choice;
import io.proxytune.ExpertPair;
import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.Role;
import io.proxytune.Speculation;
import io.proxytune.core.ensemble.FakeModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Prompts that begin alike and arrive together: one reads what they have in common. */
@Timeout(60)
class SharedHeaderTest {
  private static final int HEADER = 300;
  private static final int WHOLE_BLOCKS = 256;
  private static final int NEW_TOKENS = 4;
  private static final GenerationOptions OPTIONS =
      GenerationOptions.defaults()
          .withMaxNewTokens(NEW_TOKENS)
          .withIgnoreEndOfText(true)
          .withSpeculation(Speculation.off());

  private final TunerFixture fixture = new TunerFixture().prefillChunk(128);
  private final FakeModel base = model("base", 1);
  private final ExecutorService callers = Executors.newCachedThreadPool();
  private final CountDownLatch inFirstPass = new CountDownLatch(1);
  private final CountDownLatch goOn = new CountDownLatch(1);

  private IntConsumer eachPass = pass -> {};

  private static FakeModel model(String name, long seed) {
    return RandomRequests.markov(name, seed, 1000).sharingPasses().withBytesPerToken(1);
  }

  @AfterEach
  void stopCallers() {
    callers.shutdownNow();
    assertThat(base.open()).isZero();
  }

  private static int tail(int i) {
    return 50 + 3 * i;
  }

  private static Prompt prompt(int i) {
    return prompt(HEADER, tail(i), 2 + i);
  }

  private static Prompt prompt(int common, int own, int seed) {
    return Prompt.ofIds(
        IntStream.concat(new Random(1).ints(common, 2, 40), new Random(seed).ints(own, 2, 40))
            .toArray());
  }

  private static int read(FakeModel model) {
    return model.passes().stream().flatMap(List::stream).mapToInt(FakeModel.Call::tokens).sum();
  }

  /** What the prompts of so many and their texts have, the header but once. */
  private static int once(int count) {
    return WHOLE_BLOCKS + IntStream.range(0, count).map(SharedHeaderTest::own).sum();
  }

  private static int own(int i) {
    return HEADER - WHOLE_BLOCKS + tail(i) + NEW_TOKENS - 1;
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Asks on threads of their own while the first is in its first pass. */
  private <T> List<Future<T>> together(DefaultProxyTuner tuner, List<Supplier<T>> requests)
      throws InterruptedException {
    base.beforePass(
        pass -> {
          inFirstPass.countDown();
          SharedHeaderTest.await(goOn);
          eachPass.accept(pass);
        });
    List<Future<T>> futures = new ArrayList<>();
    for (Supplier<T> request : requests) {
      futures.add(callers.submit(request::get));
      await(inFirstPass);
    }
    for (int i = 0; i < 3000 && tuner.waiting() < requests.size(); i++) {
      Thread.sleep(5);
    }
    goOn.countDown();
    return futures;
  }

  private static Supplier<Generation> generate(DefaultProxyTuner tuner, int i) {
    return () -> tuner.generate(prompt(i), OPTIONS);
  }

  private List<Generation> alone(int count) {
    try (DefaultProxyTuner tuner = new TunerFixture().prefixCache(0).tuner(base)) {
      List<Generation> texts =
          IntStream.range(0, count).mapToObj(i -> generate(tuner, i).get()).toList();
      base.passes().clear();
      return texts;
    }
  }

  @Test
  void callersThatArriveTogetherReadItOnce() throws Exception {
    List<Generation> alone = alone(8);
    try (DefaultProxyTuner tuner = fixture.prefixCache(100_000).tuner(base)) {
      List<Future<Generation>> texts =
          together(tuner, IntStream.range(0, 8).mapToObj(i -> generate(tuner, i)).toList());
      for (int i = 0; i < 8; i++) {
        assertThat(texts.get(i).get().tokens()).isEqualTo(alone.get(i).tokens());
      }
      assertThat(read(base)).isEqualTo(once(8));
      assertThat(base.passes().stream().mapToInt(List::size).max().orElse(0))
          .as("what they don't share is read together")
          .isEqualTo(8);
    }
  }

  /** In the second pass of 256 tokens, of which a copy holds the last 64 alone. */
  @Test
  void eachThatWaitsIsLeftWhatItSharesWhereWindowsSlide() throws Exception {
    base.holdingLast(64);

    try (DefaultProxyTuner tuner = fixture.prefixCache(100_000).prefillChunk(256).tuner(base)) {
      List<Future<Generation>> texts =
          together(
              tuner,
              List.of(
                  () -> tuner.generate(prompt(600, 0, 2), OPTIONS),
                  () -> tuner.generate(prompt(530, 70, 3), OPTIONS),
                  () -> tuner.generate(prompt(390, 70, 4), OPTIONS)));
      for (Future<Generation> text : texts) {
        text.get();
      }
      assertThat(tuner.prefixCache().reusedTokens()).isEqualTo(512 + 384);
    }
  }

  @Test
  void promptsOfOneCallReadItOnce() {
    List<Generation> alone = alone(6);
    try (DefaultProxyTuner tuner = fixture.prefixCache(100_000).tuner(base)) {
      List<Generation> texts =
          tuner.generateAll(
              IntStream.range(0, 6).mapToObj(SharedHeaderTest::prompt).toList(), OPTIONS);
      for (int i = 0; i < 6; i++) {
        assertThat(texts.get(i).tokens()).isEqualTo(alone.get(i).tokens());
      }
    }
    assertThat(read(base)).isEqualTo(once(6));
  }

  @Test
  void eachModelReadsItOnceThoughPromptsDiffer() throws Exception {
    FakeModel expert = model("expert", 2);
    FakeModel antiExpert = model("anti", 3);
    try (DefaultProxyTuner tuner =
        fixture.prefixCache(100_000).tuner(base, ExpertPair.of(expert, antiExpert))) {
      List<Supplier<Generation>> requests = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        Prompt prompt = prompt(i).withText(Role.ANTI_EXPERT, "cat");
        requests.add(() -> tuner.generate(prompt, OPTIONS));
      }
      for (Future<Generation> text : together(tuner, requests)) {
        assertThat(text.get().tokenIds()).hasSize(NEW_TOKENS);
      }
    }
    assertThat(read(base)).isEqualTo(once(4));
    assertThat(read(expert)).isEqualTo(once(4));
    assertThat(expert.open() + antiExpert.open()).isZero();
  }

  @Test
  void scoresReadItOnceToo() throws Exception {
    try (DefaultProxyTuner tuner = fixture.prefixCache(100_000).tuner(base)) {
      List<Supplier<Choice>> requests = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        Prompt prompt = prompt(i);
        requests.add(() -> tuner.choose(prompt, List.of("a", "b")));
      }
      for (Future<Choice> choice : together(tuner, requests)) {
        assertThat(choice.get().scores()).hasSize(2);
      }
    }
    assertThat(read(base)).isEqualTo(once(4) - 4 * (NEW_TOKENS - 1));
  }

  @Test
  void anotherReadsItWhereTheFirstIsCancelled() throws Exception {
    List<Generation> alone = alone(4);
    try (DefaultProxyTuner tuner = fixture.prefixCache(100_000).tuner(base)) {
      List<Supplier<Generation>> requests = new ArrayList<>();
      requests.add(
          () -> {
            try (var stream = tuner.stream(prompt(0), OPTIONS)) {
              callers.execute(
                  () -> {
                    await(inFirstPass);
                    stream.cancel();
                  });
              return stream.result();
            }
          });
      IntStream.range(1, 4).forEach(i -> requests.add(generate(tuner, i)));
      List<Future<Generation>> texts = together(tuner, requests);
      for (int i = 1; i < 4; i++) {
        assertThat(texts.get(i).get().tokens()).isEqualTo(alone.get(i).tokens());
      }
      assertThat(texts.get(0).get().tokens()).isEmpty();
    }
    assertThat(read(base)).isBetween(once(4) - own(0), once(4) - own(0) + 128);
  }

  @Test
  void anotherReadsItWhereTheFirstFails() throws Exception {
    List<Generation> alone = alone(3);
    try (DefaultProxyTuner tuner = fixture.prefixCache(100_000).tuner(base)) {
      eachPass =
          pass -> {
            if (pass == 1) {
              throw new IllegalStateException("broken");
            }
          };
      List<Future<Generation>> texts =
          together(tuner, IntStream.range(0, 3).mapToObj(i -> generate(tuner, i)).toList());
      assertThatThrownBy(() -> texts.get(0).get()).hasMessageContaining("broken");
      for (int i = 1; i < 3; i++) {
        assertThat(texts.get(i).get().tokens()).isEqualTo(alone.get(i).tokens());
      }
    }
  }

  @Test
  void nobodyWaitsForWhatIsNotKept() throws Exception {
    List<Generation> alone = alone(3);
    try (DefaultProxyTuner tuner = fixture.prefixCache(200).tuner(base)) {
      List<Future<Generation>> texts =
          together(tuner, IntStream.range(0, 3).mapToObj(i -> generate(tuner, i)).toList());
      for (int i = 0; i < 3; i++) {
        assertThat(texts.get(i).get().tokens()).isEqualTo(alone.get(i).tokens());
      }
    }
    assertThat(base.passes().get(1)).as("all that arrived").hasSize(3);
  }
}
