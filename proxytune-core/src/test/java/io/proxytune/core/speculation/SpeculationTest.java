package io.proxytune.core.speculation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proxytune.ExpertPair;
import io.proxytune.FinishReason;
import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.GenerationStats;
import io.proxytune.ModelException;
import io.proxytune.Prompt;
import io.proxytune.Role;
import io.proxytune.Sampler;
import io.proxytune.Speculation;
import io.proxytune.Token;
import io.proxytune.TokenStream;
import io.proxytune.core.ensemble.FakeModel;
import io.proxytune.core.ensemble.FakeTokenizer;
import io.proxytune.core.tuner.DefaultProxyTuner;
import io.proxytune.core.tuner.RandomRequests;
import io.proxytune.core.tuner.TunerFixture;
import io.proxytune.model.Segment.Rows;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A text with speculation equals the same text without, token for token. */
class SpeculationTest {
  private static final GenerationOptions PLAIN =
      GenerationOptions.defaults()
          .withMaxNewTokens(24)
          .withSeed(1)
          .withIgnoreEndOfText(true)
          .withSpeculation(Speculation.off());

  private final TunerFixture fixture = new TunerFixture();

  @AfterEach
  void nothingStaysOpen() {
    fixture.assertNothingOpen();
  }

  private static GenerationOptions drafting(GenerationOptions options, int k) {
    return options.withSpeculation(Speculation.draft(k));
  }

  private static void assertSame(String what, Generation actual, Generation expected) {
    assertThat(actual.tokens()).as("tokens, %s", what).isEqualTo(expected.tokens());
    assertThat(actual.text()).as("text, %s", what).isEqualTo(expected.text());
    assertThat(actual.finishReason()).as("end, %s", what).isEqualTo(expected.finishReason());
    assertThat(actual.seed()).as("seed, %s", what).isEqualTo(expected.seed());
    assertThat(actual.stats().generatedTokens()).isEqualTo(expected.stats().generatedTokens());
  }

  /** Random models, options, prompts and lengths; the application's code is called alike. */
  @Tag("slow")
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6})
  void randomRequestsGiveTheSameText(int seed) {
    Random random = new Random(seed);
    int accepted = 0;
    for (int run = 0; run < 60; run++) {
      try (DefaultProxyTuner tuner = RandomRequests.tuner(fixture, random)) {
        RandomRequests.Code code = new RandomRequests.Code();
        GenerationOptions options = RandomRequests.options(random, code);
        Prompt prompt = RandomRequests.prompt(random);
        int k = 1 + random.nextInt(7);
        boolean lookup = random.nextBoolean();
        String what = String.format("run %d, k %d, %s", run, k, options);

        Generation expected = tuner.generate(prompt, options.withSpeculation(Speculation.off()));
        List<String> calls = code.taken();
        Generation actual =
            tuner.generate(
                prompt, options.withSpeculation(Speculation.draft(k).withPromptLookup(lookup)));
        assertSame(what, actual, expected);
        assertThat(code.taken()).as("calls of the application's code, %s", what).isEqualTo(calls);
        accepted += actual.stats().acceptedTokens();
      }
    }
    assertThat(accepted).as("drafted tokens that were kept").isGreaterThan(100);
  }

  @Tag("slow")
  @ParameterizedTest
  @ValueSource(ints = {11, 12, 13})
  void batchesGiveTheSameTexts(int seed) {
    Random random = new Random(seed);
    for (int run = 0; run < 15; run++) {
      try (DefaultProxyTuner tuner = RandomRequests.tuner(fixture, random)) {
        RandomRequests.Code code = new RandomRequests.Code();
        GenerationOptions options = RandomRequests.options(random, code);
        GenerationOptions plain = options.withSpeculation(Speculation.off());
        GenerationOptions drafting = drafting(options, 1 + random.nextInt(5));
        List<Prompt> prompts =
            IntStream.range(0, 5).mapToObj(i -> RandomRequests.prompt(random)).toList();

        List<Generation> expected = tuner.generateAll(prompts, plain);
        List<Generation> actual = tuner.generateAll(prompts, drafting);
        List<Generation> expectedMany = tuner.generateMany(prompts.get(0), 4, plain);
        List<Generation> actualMany = tuner.generateMany(prompts.get(0), 4, drafting);
        for (int i = 0; i < 5; i++) {
          assertSame("text " + i + " of run " + run, actual.get(i), expected.get(i));
        }
        for (int i = 0; i < 4; i++) {
          assertSame("completion " + i + " of run " + run, actualMany.get(i), expectedMany.get(i));
        }
      }
    }
  }

  /** The fused logits are the expert's, so that every draft is right. */
  private DefaultProxyTuner agreeing(FakeModel base, FakeModel expert) {
    FakeModel antiExpert = RandomRequests.markov("anti", 1, 40);
    return fixture.tuner(base, ExpertPair.of(expert, antiExpert));
  }

  @Test
  void draftIsReadInOnePassAndByTheExpertOnce() {
    FakeModel base = RandomRequests.markov("base", 1, 40);
    FakeModel expert = RandomRequests.markov("expert", 2, 40);
    GenerationOptions options =
        PLAIN.withSampler(Sampler.temperature(1)).withSeed(3).withMaxNewTokens(11);
    Speculation four = Speculation.draft(4).withPromptLookup(false);
    Generation text =
        agreeing(base, expert).generate(Prompt.ofIds(5, 6), options.withSpeculation(four));

    assertThat(base.passes())
        .containsExactly(
            List.of(new FakeModel.Call(0, 2, Rows.LAST)),
            List.of(new FakeModel.Call(2, 5, Rows.ALL)),
            List.of(new FakeModel.Call(7, 5, Rows.ALL)));
    assertThat(expert.passes().stream().mapToInt(pass -> pass.get(0).tokens()).sum())
        .as("tokens read by the expert")
        .isEqualTo(12);
    GenerationStats stats = text.stats();
    assertThat(stats.draftRounds()).isEqualTo(2);
    assertThat(stats.draftedTokens()).isEqualTo(8);
    assertThat(stats.acceptedTokens()).isEqualTo(8);
    assertThat(stats.acceptanceRate()).isEqualTo(1);
  }

  @Test
  void lookupAloneServesAModelWithoutExpert() {
    FakeModel base =
        FakeModel.saying(1, IntStream.range(0, 30).map(i -> new int[] {7, 8, 9}[i % 3]).toArray());
    Generation text = fixture.tuner(base).generate(Prompt.ofIds(5), drafting(PLAIN, 4));

    assertThat(text.tokenIds()).startsWith(7, 8, 9, 7, 8, 9, 7).hasSize(24);
    assertThat(text.stats().acceptedTokens()).isGreaterThanOrEqualTo(15);
    assertThat(base.passes().size()).isLessThanOrEqualTo(9);
  }

  @Test
  void automaticSpeculationLeavesAnApplicationsSourcesAlone() {
    FakeModel base = RandomRequests.markov("base", 1, 40);
    GenerationOptions auto = PLAIN.withSpeculation(Speculation.auto());
    Generation text =
        agreeing(base, RandomRequests.markov("expert", 2, 40)).generate(Prompt.ofIds(5), auto);

    assertThat(text.stats().draftedTokens()).isZero();
    assertThat(text.stats().acceptanceRate()).isZero();
    assertThat(base.passes()).allSatisfy(pass -> assertThat(pass.get(0).tokens()).isOne());
  }

  @Test
  void automaticSpeculationDraftsWhereDraftingIsCheap() {
    FakeModel base = RandomRequests.markov("base", 1, 100).readingDrafts();
    FakeModel expert = RandomRequests.markov("expert", 2, 100).readingDrafts();
    FakeModel antiExpert = RandomRequests.markov("anti", 1, 100).readingDrafts();
    base.beforePass(pass -> fixture.clock.addAndGet(10_000));
    expert.beforePass(pass -> fixture.clock.addAndGet(100));
    DefaultProxyTuner tuner = fixture.tuner(base, ExpertPair.of(expert, antiExpert));
    GenerationOptions options =
        PLAIN.withMaxNewTokens(80).withSampler(Sampler.temperature(1)).withSeed(4);
    Generation plain = tuner.generate(Prompt.ofIds(5), options);
    Generation auto = tuner.generate(Prompt.ofIds(5), options.withSpeculation(Speculation.auto()));

    assertSame("auto", auto, plain);
    assertThat(auto.stats().acceptedTokens()).isGreaterThan(50);
    assertThat(auto.stats().decode()).isLessThan(plain.stats().decode().dividedBy(3));
  }

  @Test
  void automaticSpeculationStaysPlainWhereDraftsAreWrong() {
    FakeModel base = FakeModel.hashed("base", 1).readingDrafts();
    FakeModel expert = FakeModel.hashed("expert", 2).readingDrafts();
    FakeModel antiExpert = FakeModel.hashed("anti", 3).readingDrafts();
    base.beforePass(pass -> fixture.clock.addAndGet(10_000));
    expert.beforePass(pass -> fixture.clock.addAndGet(3_000));
    DefaultProxyTuner tuner = fixture.tuner(base, new ExpertPair(expert, antiExpert, 0.01));
    GenerationOptions options = PLAIN.withMaxNewTokens(90).withIgnoreEndOfText(true);
    Generation plain = tuner.generate(Prompt.ofIds(5), options);
    GenerationOptions auto = options.withSpeculation(Speculation.auto());
    Generation first = tuner.generate(Prompt.ofIds(5), auto);
    Generation second = tuner.generate(Prompt.ofIds(5), auto);

    assertSame("auto", first, plain);
    assertSame("auto again", second, plain);
    long spent = first.stats().decode().plus(second.stats().decode()).toNanos();
    long plainly = 2 * plain.stats().decode().toNanos();
    long allowance = 4 * 13_000;
    assertThat(spent).isLessThan((long) (1.02 * plainly) + allowance);
  }

  /** The reader sees each token before the next one is picked. */
  @Test
  void cancelledTextEndsAfterTheTokenThatWasRead() {
    FakeModel base = RandomRequests.markov("base", 1, 40);
    DefaultProxyTuner tuner = agreeing(base, RandomRequests.markov("expert", 2, 40));
    List<Integer> whole = tuner.generate(Prompt.ofIds(5), PLAIN).tokenIds();
    for (int read = 0; read < 9; read++) {
      try (TokenStream stream = tuner.stream(Prompt.ofIds(5), drafting(PLAIN, 4))) {
        Iterator<Token> tokens = stream.iterator();
        for (int i = 0; i < read; i++) {
          tokens.next();
        }
        stream.cancel();
        assertThat(stream.result().finishReason()).isEqualTo(FinishReason.CANCELLED);
        assertThat(stream.result().tokenIds()).isEqualTo(whole.subList(0, read));
      }
    }
  }

  @Test
  void deadlineIsAskedForBeforeEachToken() {
    FakeModel base = RandomRequests.markov("base", 1, 40);
    DefaultProxyTuner tuner = agreeing(base, RandomRequests.markov("expert", 2, 40));
    GenerationOptions limited = PLAIN.withTimeLimit(Duration.ofNanos(60));
    List<Integer> ended = new ArrayList<>();
    for (GenerationOptions options : List.of(limited, drafting(limited, 5))) {
      Generation text =
          tuner.generate(Prompt.ofIds(5), options, token -> fixture.clock.addAndGet(10));
      assertThat(text.finishReason()).isEqualTo(FinishReason.DEADLINE);
      ended.add(text.tokenIds().size());
    }
    assertThat(ended).containsExactly(6, 6);
  }

  /** What the expert gives after a draft that is not kept is nobody's problem. */
  @Test
  void brokenLogitsAfterADiscardedTokenDoNotMatter() {
    int[] said = {7, 8, 9, 10, 11, 12, 13};
    FakeModel base = FakeModel.saying(1, said);
    FakeModel expert =
        FakeModel.of(1000, ids -> ids.contains(30) ? broken() : FakeModel.oneHot(30));
    FakeModel antiExpert =
        FakeModel.of(1000, ids -> ids.contains(30) ? broken() : FakeModel.oneHot(30));
    DefaultProxyTuner tuner = fixture.tuner(base, ExpertPair.of(expert, antiExpert));
    GenerationOptions options = PLAIN.withMaxNewTokens(7);
    Generation text = tuner.generate(Prompt.ofIds(5), drafting(options, 3));

    assertThat(text.tokenIds()).containsExactly(7, 8, 9, 10, 11, 12, 13);
    assertThat(text.stats().draftedTokens()).isPositive();
    assertThat(text.stats().acceptedTokens()).isZero();
  }

  private static float[] broken() {
    float[] row = new float[40];
    row[3] = Float.NaN;
    return row;
  }

  @Test
  void faultIsExplainedAtItsOwnPosition() {
    FakeModel base = FakeModel.of(1000, ids -> ids.size() == 6 ? broken() : FakeModel.oneHot(9));
    DefaultProxyTuner tuner = fixture.tuner(base);
    List<String> messages = new ArrayList<>();
    for (GenerationOptions options : List.of(PLAIN, drafting(PLAIN, 6), drafting(PLAIN, 2))) {
      assertThatThrownBy(() -> tuner.generate(Prompt.ofIds(5), options))
          .isInstanceOfSatisfying(ModelException.class, e -> messages.add(e.getMessage()));
    }
    assertThat(messages).hasSize(3).containsOnly(messages.get(0));
    assertThat(messages.get(0)).contains("base").contains("position 6");
  }

  @Test
  void fullContextEndsAtTheSameToken() {
    for (int context = 4; context < 16; context++) {
      FakeModel base = RandomRequests.markov("base", 1, context);
      FakeModel expert = RandomRequests.markov("expert", 2, 40);
      DefaultProxyTuner tuner = agreeing(base, expert);
      Generation plain = tuner.generate(Prompt.ofIds(5, 6), PLAIN);
      Generation drafted = tuner.generate(Prompt.ofIds(5, 6), drafting(PLAIN, 5));

      assertThat(plain.finishReason()).isEqualTo(FinishReason.CONTEXT_FULL);
      assertSame("context " + context, drafted, plain);
    }
  }

  /** Beyond that length a model's logits depend on the passes, so nothing is drafted there. */
  @Test
  void nothingIsDraftedBeyondTheDraftableLength() {
    FakeModel base = RandomRequests.markov("base", 1, 40).draftableTo(9);
    DefaultProxyTuner tuner = agreeing(base, RandomRequests.markov("expert", 2, 40));
    tuner.generate(Prompt.ofIds(5, 6), drafting(PLAIN.withMaxNewTokens(14), 3));

    assertThat(base.passes())
        .allSatisfy(
            pass -> {
              FakeModel.Call call = pass.get(0);
              assertThat(call.tokens() == 1 || call.position() + call.tokens() <= 9).isTrue();
            });
    assertThat(base.passes()).anySatisfy(pass -> assertThat(pass.get(0).tokens()).isEqualTo(4));
  }

  /** A session that spells a token with several ids reads it so; a draft goes on behind it. */
  @Test
  void rolesThatSpellATokenGiveTheSameText() {
    FakeTokenizer few = new FakeTokenizer(FakeTokenizer.letters().subList(0, 29), false);
    for (int seed = 0; seed < 20; seed++) {
      FakeModel base = FakeModel.hashed("base", seed);
      FakeModel small = FakeModel.hashed("small", 5, 29, 200).withTokenizer(few);
      FakeModel antiExpert = FakeModel.hashed("anti", seed).withTokenizer(FakeTokenizer.LETTERS);
      DefaultProxyTuner tuner = fixture.tuner(base, new ExpertPair(small, antiExpert, 0.5));
      GenerationOptions options =
          PLAIN
              .withBannedIds(Set.of(31, 32, 33, 34, 35, 36, 37, 39))
              .withSampler(Sampler.temperature(1))
              .withSeed(seed);
      Prompt prompt = Prompt.ofIds(5, 6, 7, 38, 5, 6).withText(Role.EXPERT, "cat");
      Generation plain = tuner.generate(prompt, options);

      assertSame("seed " + seed, tuner.generate(prompt, drafting(options, 4)), plain);
    }
  }

  @Test
  void expertOnTheBasesWeightsDoesNotDraft() {
    FakeModel base = RandomRequests.markov("base", 1, 40);
    FakeModel expert = RandomRequests.markov("expert", 2, 40).beside(base);
    Speculation noLookup = Speculation.draft(4).withPromptLookup(false);
    Generation text =
        agreeing(base, expert).generate(Prompt.ofIds(5), PLAIN.withSpeculation(noLookup));

    assertThat(text.stats().draftedTokens()).isZero();
  }
}
