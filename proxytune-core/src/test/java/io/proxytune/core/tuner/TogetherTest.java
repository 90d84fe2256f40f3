package io.proxytune.core.tuner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proxytune.Batching;
import io.proxytune.BusyException;
import io.proxytune.ExpertPair;
import io.proxytune.FinishReason;
import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuneException;
import io.proxytune.Sampler;
import io.proxytune.Speculation;
import io.proxytune.Token;
import io.proxytune.TokenStream;
import io.proxytune.core.ensemble.FakeModel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Requests of several threads on models that let them share passes. */
@Timeout(60)
class TogetherTest {
  private static final GenerationOptions OPTIONS =
      GenerationOptions.defaults().withMaxNewTokens(6).withIgnoreEndOfText(true);

  private final TunerFixture fixture = new TunerFixture();
  private final FakeModel base = FakeModel.hashed("base", 1).sharingPasses();
  private final ExecutorService callers = Executors.newCachedThreadPool();
  private final CountDownLatch inFirstPass = new CountDownLatch(1);
  private final CountDownLatch goOn = new CountDownLatch(1);

  @AfterEach
  void nothingStaysOpen() {
    callers.shutdownNow();
    fixture.assertNothingOpen();
  }

  private static Prompt prompt(int i) {
    return Prompt.ofIds(5 + i, 6, 7 + 2 * i);
  }

  /** A request whose first pass waits until the test lets it go on. */
  private Future<Generation> held(DefaultProxyTuner tuner, GenerationOptions options)
      throws InterruptedException {
    base.beforePass(
        pass -> {
          inFirstPass.countDown();
          await(goOn);
        });
    Future<Generation> first = callers.submit(() -> tuner.generate(prompt(0), options));
    await(inFirstPass);
    return first;
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.get(30, TimeUnit.SECONDS);
  }

  private static void awaitWaiting(DefaultProxyTuner tuner, int readers)
      throws InterruptedException {
    for (int i = 0; i < 3000 && tuner.waiting() < readers; i++) {
      Thread.sleep(5);
    }
    assertThat(tuner.waiting()).isEqualTo(readers);
  }

  private int mostTogether() {
    return base.passes().stream().mapToInt(List::size).max().orElse(0);
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
    together.add(held(tuner, OPTIONS));
    for (int i = 1; i < 8; i++) {
      int index = i;
      together.add(callers.submit(() -> tuner.generate(prompt(index), OPTIONS)));
    }
    awaitWaiting(tuner, 8);
    goOn.countDown();

    for (int i = 0; i < 8; i++) {
      assertThat(get(together.get(i)).tokens()).isEqualTo(alone.get(i).tokens());
    }
    assertThat(mostTogether()).isEqualTo(8);
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
    Future<Generation> first = held(plain, OPTIONS);
    Future<Generation> second = callers.submit(() -> plain.generate(prompt(1), OPTIONS));
    Future<Generation> third =
        callers.submit(() -> steered.generate(prompt(2), OPTIONS.withLogprobs(2)));
    awaitWaiting(plain, 3);
    goOn.countDown();

    get(first);
    assertThat(get(second).tokens()).isEqualTo(plainAlone.tokens());
    assertThat(get(third).tokens()).isEqualTo(steeredAlone.tokens());
    assertThat(mostTogether()).isEqualTo(3);
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
        callers.submit(
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

  private Future<Generation> beside(DefaultProxyTuner tuner, Supplier<Generation> request)
      throws InterruptedException {
    int before = tuner.waiting();
    Future<Generation> future = callers.submit(request::get);
    awaitWaiting(tuner, before + 1);
    return future;
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
    CountDownLatch inPass = new CountDownLatch(1);
    spoilt.beforePass(
        pass -> {
          inPass.countDown();
          await(goOn);
        });
    Future<Generation> good = callers.submit(() -> tuner.generate(prompt(0), OPTIONS));
    await(inPass);
    Future<Generation> bad = beside(tuner, () -> tuner.generate(prompt(1), OPTIONS));
    goOn.countDown();

    assertThat(get(good).tokens()).isEqualTo(alone.tokens());
    assertThatThrownBy(() -> get(bad))
        .isInstanceOf(ExecutionException.class)
        .hasMessageContaining("base ('saying') gave logit NaN for token id 7 at position 5");
  }

  @Test
  void aPassThatFailsForOneIsRepeatedForTheOthersAlone() throws Exception {
    DefaultProxyTuner tuner = fixture.tuner(base);
    Generation alone = tuner.generate(prompt(0), OPTIONS);
    Future<Generation> first = held(tuner, OPTIONS);
    FakeModel expert = FakeModel.hashed("expert", 2).sharingPasses();
    DefaultProxyTuner steered =
        fixture.tuner(base, ExpertPair.of(expert, FakeModel.hashed("anti", 3).sharingPasses()));
    Future<Generation> second = beside(tuner, () -> steered.generate(prompt(1), OPTIONS));
    expert.close();
    goOn.countDown();

    assertThat(get(first).tokens()).isEqualTo(alone.tokens());
    assertThatThrownBy(() -> get(second)).hasMessageContaining("'expert' is closed");
  }

  @Test
  void whatEndsOneRequestLeavesTheOthersAlone() throws Exception {
    DefaultProxyTuner tuner = fixture.tuner(base);
    DefaultProxyTuner closing = fixture.tuner(base);
    Generation alone = tuner.generate(prompt(0), OPTIONS);
    Future<Generation> first = held(tuner, OPTIONS);
    AtomicReference<TokenStream> stream = new AtomicReference<>();
    Future<Generation> cancelled =
        beside(
            tuner,
            () -> {
              stream.set(tuner.stream(prompt(1), OPTIONS));
              return stream.get().result();
            });
    AtomicReference<Thread> thread = new AtomicReference<>();
    Future<Generation> interrupted =
        beside(
            tuner,
            () -> {
              thread.set(Thread.currentThread());
              Generation text = tuner.generate(prompt(2), OPTIONS);
              assertThat(Thread.interrupted()).isTrue();
              return text;
            });
    Future<Generation> late =
        beside(
            tuner, () -> tuner.generate(prompt(3), OPTIONS.withTimeLimit(Duration.ofSeconds(1))));
    Future<Generation> closed = beside(tuner, () -> closing.generate(prompt(4), OPTIONS));
    stream.get().cancel();
    thread.get().interrupt();
    fixture.clock.addAndGet(Duration.ofSeconds(2).toNanos());
    closing.close();
    goOn.countDown();

    assertThat(get(first).tokens()).isEqualTo(alone.tokens());
    assertThat(get(cancelled).finishReason()).isEqualTo(FinishReason.CANCELLED);
    assertThat(get(interrupted).finishReason()).isEqualTo(FinishReason.CANCELLED);
    assertThat(get(late).finishReason()).isEqualTo(FinishReason.DEADLINE);
    assertThatThrownBy(() -> get(closed)).hasMessageContaining("closed while generating");
    assertThat(base.passes().stream().skip(6))
        .as("none of them began")
        .allSatisfy(pass -> assertThat(pass).hasSize(1));
  }

  @Test
  void noMoreTextsThanAllowedAreDecodedTogether() throws Exception {
    DefaultProxyTuner tuner = fixture.batching(Batching.defaults().withMaxSequences(3)).tuner(base);
    Future<Generation> first = held(tuner, OPTIONS);
    List<Future<Generation>> others = new ArrayList<>();
    for (int i = 1; i < 9; i++) {
      int index = i;
      others.add(beside(tuner, () -> tuner.generate(prompt(index), OPTIONS)));
    }
    goOn.countDown();

    assertThat(get(first).tokenIds()).hasSize(6);
    for (int i = 1; i < 9; i++) {
      Generation together = get(others.get(i - 1));
      assertThat(together.tokens()).isEqualTo(tuner.generate(prompt(i), OPTIONS).tokens());
    }
    assertThat(mostTogether()).isEqualTo(3);
  }

  @Test
  void aFullQueueRefusesOrLetsWait() throws Exception {
    Batching one = Batching.defaults().withMaxSequences(1).withMaxQueued(1);
    DefaultProxyTuner refusing = fixture.batching(one.withLongestWait(Duration.ZERO)).tuner(base);
    Future<Generation> first = held(refusing, OPTIONS);
    Future<Generation> queued = beside(refusing, () -> refusing.generate(prompt(1), OPTIONS));

    assertThatThrownBy(() -> refusing.generate(prompt(2), OPTIONS))
        .isInstanceOf(BusyException.class)
        .hasMessageContaining("this request is refused: 1 are waiting to begin")
        .hasMessageContaining("at most 1 texts are decoded together")
        .hasMessageContaining("Batching.withMaxQueued");
    goOn.countDown();
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
    Future<Generation> first = held(tuner, OPTIONS);

    assertThatThrownBy(() -> tuner.generate(prompt(2), OPTIONS))
        .isInstanceOf(BusyException.class)
        .hasMessageContaining("refused after PT0.05S");
    goOn.countDown();
    assertThat(get(first).tokenIds()).hasSize(6);
    assertThat(tuner.generate(prompt(2), OPTIONS).tokenIds()).hasSize(6);
  }

  @Test
  void memoryOfCachesIsBounded() throws Exception {
    base.withBytesPerToken(10);
    int each = 10 * (3 + 6);
    DefaultProxyTuner tuner =
        fixture.batching(Batching.defaults().withCacheBytes(2L * each)).tuner(base);
    Future<Generation> first = held(tuner, OPTIONS);
    List<Future<Generation>> others = new ArrayList<>();
    for (int i = 1; i < 5; i++) {
      int index = i;
      others.add(beside(tuner, () -> tuner.generate(prompt(index), OPTIONS)));
    }
    goOn.countDown();

    get(first);
    for (Future<Generation> other : others) {
      assertThat(get(other).tokenIds()).hasSize(6);
    }
    assertThat(mostTogether()).isEqualTo(2);
    assertThatThrownBy(() -> tuner.generate(prompt(1), OPTIONS.withMaxNewTokens(20)))
        .isInstanceOf(ProxyTuneException.class)
        .hasMessageContaining("need 230 bytes, and all may have 180");
  }

  private int mostTogetherOfFive(DefaultProxyTuner tuner) throws Exception {
    Future<Generation> first = held(tuner, OPTIONS);
    List<Future<Generation>> others = new ArrayList<>();
    for (int i = 1; i < 5; i++) {
      int index = i;
      others.add(beside(tuner, () -> tuner.generate(prompt(index), OPTIONS)));
    }
    goOn.countDown();
    get(first);
    for (Future<Generation> other : others) {
      assertThat(get(other).tokenIds()).hasSize(6);
    }
    return mostTogether();
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
    Future<Generation> waits = beside(tuner, () -> tuner.generate(prompt(2), OPTIONS));
    assertThat(waits.isDone()).isFalse();
    idle.close();

    assertThat(get(waits).tokenIds()).hasSize(6);
  }

  private static Prompt longPrompt() {
    int[] ids = new int[80];
    Arrays.fill(ids, 9);
    return Prompt.ofIds(ids);
  }

  /** The most prompt tokens of a pass, where long prompts joined a text after its first pass. */
  private int mostBeside(DefaultProxyTuner tuner, int prompts, Supplier<List<Token>> firstText)
      throws Exception {
    Generation alone = tuner.generate(longPrompt(), OPTIONS);
    base.passes().clear();
    base.beforePass(
        pass -> {
          inFirstPass.countDown();
          await(goOn);
        });
    Future<List<Token>> first = callers.submit(firstText::get);
    await(inFirstPass);
    List<Future<Generation>> longOnes = new ArrayList<>();
    for (int i = 0; i < prompts; i++) {
      longOnes.add(beside(tuner, () -> tuner.generate(longPrompt(), OPTIONS)));
    }
    goOn.countDown();
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

  @Test
  void speculationGoesOnForEachRequest() throws Exception {
    FakeModel markov = RandomRequests.markov("base", 1, 100).sharingPasses();
    FakeModel expert = RandomRequests.markov("expert", 2, 100).sharingPasses();
    FakeModel antiExpert = RandomRequests.markov("anti", 1, 100).sharingPasses();
    DefaultProxyTuner tuner = fixture.tuner(markov, ExpertPair.of(expert, antiExpert));
    GenerationOptions options = OPTIONS.withMaxNewTokens(24);
    GenerationOptions drafting = options.withSpeculation(Speculation.draft(3));
    List<Generation> alone = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      alone.add(tuner.generate(prompt(i), options));
    }
    markov.beforePass(
        pass -> {
          inFirstPass.countDown();
          await(goOn);
        });
    List<Future<Generation>> together = new ArrayList<>();
    together.add(callers.submit(() -> tuner.generate(prompt(0), drafting)));
    await(inFirstPass);
    for (int i = 1; i < 4; i++) {
      int index = i;
      GenerationOptions own = i == 2 ? options : drafting;
      together.add(beside(tuner, () -> tuner.generate(prompt(index), own)));
    }
    goOn.countDown();

    for (int i = 0; i < 4; i++) {
      Generation text = get(together.get(i));
      assertThat(text.tokens()).isEqualTo(alone.get(i).tokens());
      assertThat(text.stats().acceptedTokens() > 0).isEqualTo(i != 2);
    }
  }

  /** Texts of two tuners that share all models, with the clock of a machine where drafts pay. */
  private List<Generation> mixed(GenerationOptions options) throws Exception {
    FakeModel markov = RandomRequests.markov("base", 1, 200).sharingPasses().readingDrafts();
    FakeModel expert = RandomRequests.markov("expert", 2, 200).sharingPasses().readingDrafts();
    FakeModel anti = RandomRequests.markov("anti", 1, 200).sharingPasses().readingDrafts();
    DefaultProxyTuner whole = fixture.tuner(markov, ExpertPair.of(expert, anti));
    DefaultProxyTuner most = fixture.tuner(markov, new ExpertPair(expert, anti, 0.9));
    DefaultProxyTuner other = fixture.tuner(markov, ExpertPair.of(expert, anti));
    List<DefaultProxyTuner> tuners = List.of(whole, most, other, most);
    List<Generation> alone = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      alone.add(tuners.get(i).generate(prompt(i), options.withSpeculation(Speculation.off())));
    }
    expert.beforePass(pass -> fixture.clock.addAndGet(100));
    markov.beforePass(
        pass -> {
          fixture.clock.addAndGet(10_000);
          inFirstPass.countDown();
          await(goOn);
        });
    List<Future<Generation>> together = new ArrayList<>();
    together.add(callers.submit(() -> whole.generate(prompt(0), options)));
    await(inFirstPass);
    for (int i = 1; i < 4; i++) {
      int index = i;
      together.add(beside(whole, () -> tuners.get(index).generate(prompt(index), options)));
    }
    goOn.countDown();
    List<Generation> texts = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      texts.add(get(together.get(i)));
      assertThat(texts.get(i).tokens()).isEqualTo(alone.get(i).tokens());
    }
    assertThat(markov.passes().stream().mapToInt(List::size).max().orElse(0)).isEqualTo(4);
    return texts;
  }

  @Test
  void automaticSpeculationDraftsForTextsThatAreSteeredOtherwise() throws Exception {
    GenerationOptions options =
        OPTIONS.withMaxNewTokens(100).withSeed(4).withSampler(Sampler.temperature(1));

    assertThat(mixed(options.withSpeculation(Speculation.auto())))
        .allSatisfy(text -> assertThat(text.stats().acceptedTokens()).isGreaterThan(20));
  }

  @Test
  void draftsCountInTheTokensOfAStep() throws Exception {
    fixture.batching(Batching.defaults().withMaxSequences(4).withStepTokens(14));
    List<FakeModel> models = new ArrayList<>();
    for (String name : List.of("base", "expert", "anti")) {
      models.add(RandomRequests.markov(name, 1 + models.size() % 2, 200).sharingPasses());
    }
    DefaultProxyTuner tuner =
        fixture.tuner(models.get(0), ExpertPair.of(models.get(1), models.get(2)));
    List<Prompt> prompts = List.of(prompt(1), prompt(2), prompt(3));
    GenerationOptions options = OPTIONS.withMaxNewTokens(40).withSpeculation(Speculation.draft(9));
    List<Generation> texts = tuner.generateAll(prompts, options);

    assertThat(models.get(0).passes().stream().skip(3))
        .as("three texts, and at most three drafted tokens of each")
        .allSatisfy(
            pass ->
                assertThat(pass.stream().mapToInt(FakeModel.Call::tokens).sum())
                    .isLessThanOrEqualTo(14))
        .anySatisfy(pass -> assertThat(pass).extracting(FakeModel.Call::tokens).contains(4));
    for (int i = 0; i < 3; i++) {
      assertThat(texts.get(i).tokens())
          .isEqualTo(
              tuner.generate(prompts.get(i), options.withSpeculation(Speculation.off())).tokens());
    }
  }

  @Test
  void asynchronousRequestsRunTogetherToo() throws Exception {
    try (DefaultProxyTuner tuner = fixture.tuner(base)) {
      Generation alone = tuner.generate(prompt(1), OPTIONS);
      Future<Generation> first = held(tuner, OPTIONS);
      List<CompletableFuture<Generation>> others = new ArrayList<>();
      for (int i = 1; i < 6; i++) {
        others.add(tuner.generateAsync(prompt(1), OPTIONS));
      }
      awaitWaiting(tuner, 6);
      goOn.countDown();

      get(first);
      for (CompletableFuture<Generation> other : others) {
        assertThat(get(other).tokens()).isEqualTo(alone.tokens());
      }
      assertThat(mostTogether()).isEqualTo(6);
    }
  }
}
