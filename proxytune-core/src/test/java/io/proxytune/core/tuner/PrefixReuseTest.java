package io.proxytune.core.tuner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.proxytune.ExpertPair;
import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.PrefixCacheStats;
import io.proxytune.Prompt;
import io.proxytune.Role;
import io.proxytune.Speculation;
import io.proxytune.TokenConstraints;
import io.proxytune.TokenStream;
import io.proxytune.core.ensemble.FakeModel;
import io.proxytune.model.Segment.Rows;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Prompts that begin like earlier ones: what is read, and that texts stay the same. */
class PrefixReuseTest {
  private static final GenerationOptions TEN =
      GenerationOptions.defaults().withMaxNewTokens(10).withIgnoreEndOfText(true);

  private static final Speculation OFF = Speculation.off();

  private final TunerFixture fixture = new TunerFixture();

  @AfterEach
  void nothingStaysOpen() {
    fixture.assertNothingOpen();
  }

  private static FakeModel model(String name, long seed) {
    return RandomRequests.markov(name, seed, 500).withBytesPerToken(1).readingDrafts();
  }

  private static int[] ids(int seed, int count) {
    return new Random(seed).ints(count, 2, 40).toArray();
  }

  private static int[] join(int[]... parts) {
    return Arrays.stream(parts).flatMapToInt(Arrays::stream).toArray();
  }

  @Test
  void promptIsReadFromWhereItDiffers() {
    FakeModel base = model("base", 1);
    int[] header = ids(1, 260);
    try (DefaultProxyTuner tuner = fixture.prefixCache(10_000).tuner(base)) {
      tuner.generate(Prompt.ofIds(join(header, ids(2, 130))), TEN.withSpeculation(OFF));
      int before = base.passes().size();
      tuner.generate(Prompt.ofIds(join(header, ids(3, 60))), TEN.withSpeculation(OFF));

      assertThat(base.passes().get(before)).containsExactly(new FakeModel.Call(256, 64, Rows.LAST));
      PrefixCacheStats stats = tuner.prefixCache();
      assertThat(stats.hits()).isEqualTo(1);
      assertThat(stats.lookups()).isEqualTo(2);
      assertThat(stats.reusedTokens()).isEqualTo(256);
      assertThat(stats.promptTokens()).isEqualTo(710);
      assertThat(stats.entries()).as("the second has nothing more in whole blocks").isEqualTo(1);
      assertThat(stats.bytes()).isEqualTo(384);
      assertThat(stats.limitBytes()).isEqualTo(10_000);
    }
    assertThat(base.open()).isZero();
  }

  @Test
  void nextTurnOfAChatReadsWhatIsNew() {
    FakeModel base = model("base", 1);
    try (DefaultProxyTuner tuner = fixture.prefixCache(10_000).tuner(base)) {
      int[] turn = ids(1, 130);
      Generation answer = tuner.generate(Prompt.ofIds(turn), TEN);
      int[] said = answer.tokenIds().stream().mapToInt(i -> i).toArray();
      int[] second = join(turn, said, ids(2, 120));
      tuner.generate(Prompt.ofIds(second), TEN);
      tuner.generate(Prompt.ofIds(join(second, ids(3, 80))), TEN);

      assertThat(tuner.prefixCache().reusedTokens()).isEqualTo(128 + 256);
      assertThat(tuner.prefixCache().entries()).as("each continues the last").isEqualTo(1);
    }
  }

  @Test
  void promptIsThereForOthersBeforeItsTextHasEnded() {
    FakeModel base = model("base", 1);
    try (DefaultProxyTuner tuner = fixture.prefixCache(10_000).tuner(base);
        TokenStream first = tuner.stream(Prompt.ofIds(ids(1, 256)), TEN)) {
      first.iterator().next();
      tuner.generate(Prompt.ofIds(ids(1, 256)), TEN);
      assertThat(tuner.prefixCache().reusedTokens()).isEqualTo(128);
    }
  }

  @Test
  void eachRoleFindsItsOwnTokens() {
    FakeModel base = model("base", 1);
    FakeModel expert = model("expert", 2);
    FakeModel antiExpert = model("anti", 3);
    try (DefaultProxyTuner tuner =
        fixture.prefixCache(10_000).tuner(base, ExpertPair.of(expert, antiExpert))) {
      int[] header = ids(1, 140);
      Prompt first = Prompt.ofIds(join(header, ids(2, 50)));
      Prompt second = Prompt.ofIds(join(header, ids(3, 50))).withText(Role.EXPERT, "a cat");
      tuner.generate(first, TEN);
      tuner.generate(second, TEN);

      assertThat(tuner.prefixCache().hits()).isEqualTo(2);
      assertThat(tuner.prefixCache().reusedTokens()).isEqualTo(256);
    }
  }

  @Test
  void nothingIsKeptWhereThereIsNoRoom() {
    FakeModel base = model("base", 1);
    try (DefaultProxyTuner tuner = fixture.prefixCache(0).tuner(base)) {
      tuner.generate(Prompt.ofIds(ids(1, 220)), TEN);
      tuner.generate(Prompt.ofIds(ids(1, 220)), TEN);
      assertThat(tuner.prefixCache()).isEqualTo(PrefixCacheStats.NONE);
    }
  }

  /** Where a scaling depends on how far a pass reaches, other cuts would give other logits. */
  @Test
  void promptsBeyondWhatPassesLeaveAloneAreReadWhole() {
    FakeModel base = model("base", 1).draftableTo(220);
    try (DefaultProxyTuner tuner = fixture.prefixCache(10_000).tuner(base)) {
      tuner.generate(Prompt.ofIds(ids(1, 221)), TEN);
      tuner.generate(Prompt.ofIds(ids(1, 221)), TEN);
      assertThat(tuner.prefixCache().lookups()).isZero();

      tuner.generate(Prompt.ofIds(ids(1, 220)), TEN);
      assertThat(tuner.prefixCache().bytes()).isEqualTo(128);
    }
  }

  @Test
  void failedRequestsLeaveWhatWasRead() {
    FakeModel base = model("base", 1);
    try (DefaultProxyTuner tuner = fixture.prefixCache(10_000).tuner(base)) {
      base.beforePass(
          pass -> {
            if (pass == 0 || pass == 3) {
              throw new IllegalStateException("broken");
            }
          });
      Prompt prompt = Prompt.ofIds(ids(1, 220));
      assertThatIllegalStateException().isThrownBy(() -> tuner.generate(prompt, TEN));
      assertThat(tuner.prefixCache().entries()).isZero();
      assertThatIllegalStateException().isThrownBy(() -> tuner.generate(prompt, TEN));
      assertThat(tuner.prefixCache().entries()).isEqualTo(1);
      tuner.generate(prompt, TEN);
      assertThat(tuner.prefixCache().hits()).isEqualTo(1);
    }
  }

  /** The models depend on the ids alone, so that all is equal to the bit. */
  @Tag("slow")
  @Test
  void textsAndScoresAreTheSameWithAndWithout() {
    Random random = new Random(7);
    FakeModel base = model("base", 1);
    FakeModel expert = model("expert", 2);
    FakeModel antiExpert = model("anti", 1);
    int[][] headers = {ids(1, 140), ids(2, 270)};
    try (DefaultProxyTuner with =
            new TunerFixture()
                .prefixCache(2000)
                .prefillChunk(128)
                .tuner(base, new ExpertPair(expert, antiExpert, 0.5));
        DefaultProxyTuner without =
            new TunerFixture()
                .prefixCache(0)
                .prefillChunk(128)
                .tuner(base, new ExpertPair(expert, antiExpert, 0.5))) {
      for (int i = 0; i < 40; i++) {
        RandomRequests.Code code = new RandomRequests.Code();
        GenerationOptions options =
            RandomRequests.options(random, code)
                .withConstraints(TokenConstraints.NONE)
                .withMinLength(0)
                .withMaxLength(490)
                .withSpeculation(mode(random));
        List<Prompt> prompts =
            IntStream.range(0, 1 + random.nextInt(3))
                .mapToObj(p -> prompt(headers[random.nextInt(2)], random))
                .toList();
        assertSame(with.generateAll(prompts, options), without.generateAll(prompts, options));
        assertSame(
            with.generateMany(prompts.get(0), 2, options),
            without.generateMany(prompts.get(0), 2, options));
        assertThat(with.score(prompts.get(0), "the cat"))
            .isEqualTo(without.score(prompts.get(0), "the cat"));
        assertThat(with.choose(prompts.get(0), List.of("a", "cat", "abc d")))
            .isEqualTo(without.choose(prompts.get(0), List.of("a", "cat", "abc d")));
      }
      assertThat(with.prefixCache().reuse()).isGreaterThan(0.2);
      assertThat(with.prefixCache().evictions()).isPositive();
    }
    assertThat(base.open() + expert.open() + antiExpert.open()).isZero();
  }

  private static Speculation mode(Random random) {
    return random.nextBoolean() ? Speculation.off() : Speculation.draft(1 + random.nextInt(4));
  }

  private static Prompt prompt(int[] header, Random random) {
    int[] end = random.ints(1 + random.nextInt(120), 2, 40).toArray();
    return Prompt.ofIds(join(header, end));
  }

  private static void assertSame(List<Generation> some, List<Generation> others) {
    assertThat(some).hasSameSizeAs(others);
    for (int i = 0; i < some.size(); i++) {
      assertThat(some.get(i).tokens()).isEqualTo(others.get(i).tokens());
      assertThat(some.get(i).text()).isEqualTo(others.get(i).text());
      assertThat(some.get(i).finishReason()).isEqualTo(others.get(i).finishReason());
    }
  }
}
