package io.proxytune.core.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import com.google.common.primitives.Ints;
import io.proxytune.ExpertPair;
import io.proxytune.FinishReason;
import io.proxytune.Fusion;
import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.Penalties;
import io.proxytune.Prompt;
import io.proxytune.RewardedText;
import io.proxytune.Sampler;
import io.proxytune.Search;
import io.proxytune.Speculation;
import io.proxytune.Strength;
import io.proxytune.Token;
import io.proxytune.TokenLogprobs;
import io.proxytune.core.ensemble.FakeModel;
import io.proxytune.core.sampling.Seeds;
import io.proxytune.core.tuner.DefaultProxyTuner;
import io.proxytune.core.tuner.TunerFixture;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Searches against plain decoding, and against the same search by hand. */
class SearchTest {
  private static final long SEED = 11;
  private static final int[] IDS = {5, 6};
  private static final Prompt PROMPT = Prompt.ofIds(IDS);
  private static final GenerationOptions SAMPLED =
      GenerationOptions.defaults()
          .withSampler(Sampler.temperature(0.9))
          .withSeed(SEED)
          .withMaxNewTokens(14);

  private final TunerFixture fixture = new TunerFixture();
  private final FakeModel base =
      FakeModel.hashed("base", 1).withEndOfTextIds(3).readingDrafts().sharingPasses();
  private final FakeModel expert = FakeModel.hashed("expert", 2).readingDrafts().sharingPasses();
  private final FakeModel antiExpert = FakeModel.hashed("anti", 3).readingDrafts().sharingPasses();

  @AfterEach
  void nothingStaysOpen() {
    fixture.assertNothingOpen();
  }

  private DefaultProxyTuner tuner(double alpha) {
    return fixture.tuner(base, new ExpertPair(expert, antiExpert, alpha));
  }

  /** In float64, of the formula's rows. */
  private static double reward(int[] prompt, List<Integer> ids) {
    List<Integer> read = new ArrayList<>(Ints.asList(prompt));
    double reward = 0;
    for (int id : ids) {
      reward += logprob(read, 2, id) - logprob(read, 3, id);
      read.add(id);
    }
    return reward;
  }

  private static double logprob(List<Integer> ids, int seed, int id) {
    float[] row = FakeModel.hashedRow(ids, seed, 40);
    double total = IntStream.range(0, 40).mapToDouble(i -> Math.exp(row[i])).sum();
    return row[id] - Math.log(total);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 1})
  void theBestOfSeveralIsTheOneThatTheExpertsLikeBest(double alpha) {
    try (DefaultProxyTuner tuner = tuner(alpha)) {
      List<Generation> texts = tuner.generateMany(PROMPT, 6, SAMPLED);
      List<RewardedText> found = tuner.search(PROMPT, Search.bestOf(6), SAMPLED);
      assertThat(found.stream().map(text -> text.generation().tokenIds()))
          .containsExactlyElementsOf(
              texts.stream()
                  .map(Generation::tokenIds)
                  .sorted(Comparator.comparingDouble(ids -> -reward(IDS, ids)))
                  .toList());
      for (RewardedText text : found) {
        double expected = reward(IDS, text.generation().tokenIds());
        assertThat(text.reward()).isCloseTo(expected, within(1e-6));
      }
    }
  }

  /** The same sums from tuners of the expert alone and of the anti-expert alone. */
  @Test
  void aRewardIsTheDifferenceOfTwoScores() {
    RewardedText best;
    try (DefaultProxyTuner tuner = tuner(0.5)) {
      best = tuner.search(PROMPT, Search.bestOf(3), SAMPLED).get(0);
    }
    int[] ids = Ints.toArray(best.generation().tokenIds());
    double expected = total(expert, ids) - total(antiExpert, ids);
    assertThat(best.reward()).isCloseTo(expected, within(1e-9));
  }

  private double total(FakeModel model, int[] ids) {
    try (DefaultProxyTuner alone = new TunerFixture().tuner(model)) {
      return alone.logprobs(PROMPT, ids, 0).stream().mapToDouble(TokenLogprobs::logprob).sum();
    }
  }

  /** One beam with one successor, wherever the chunks end. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5, 13, 14, 100})
  void oneSampleIsPlainDecoding(int chunk) {
    GenerationOptions options =
        SAMPLED
            .withMinNewTokens(4)
            .withPenalties(new Penalties(1.3, 0.2, 0.1))
            .withStopStrings(List.of("zz"))
            .withSpeculation(Speculation.draft(3));
    for (long seed = 0; seed < 6; seed++) {
      GenerationOptions seeded = options.withSeed(seed);
      try (DefaultProxyTuner tuner = tuner(1)) {
        Generation plain = tuner.generate(Prompt.of("the cat"), seeded);
        List<RewardedText> found =
            tuner.search(Prompt.of("the cat"), Search.beam(1, 1, chunk), seeded);
        assertThat(found).hasSize(1);
        Generation text = found.get(0).generation();
        assertThat(text.tokenIds()).isEqualTo(plain.tokenIds());
        assertThat(text.text()).isEqualTo(plain.text());
        assertThat(text.finishReason()).isEqualTo(plain.finishReason());
        assertThat(text.promptTokenIds()).isEqualTo(plain.promptTokenIds());
        assertThat(text.stats().generatedTokens()).isEqualTo(plain.tokenIds().size());
        assertThat(text.tokens().stream().map(Token::text).collect(Collectors.joining()))
            .isEqualTo(plain.tokens().stream().map(Token::text).collect(Collectors.joining()));
        assertThat(text.tokens().stream().map(Token::index))
            .containsExactlyElementsOf(plain.tokens().stream().map(Token::index).toList());
      }
    }
  }

  /** Every stretch is a text of its own behind longer prompts. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void beamsAreKeptByTheirRewards(int width) {
    int successors = 3;
    int chunk = 4;
    try (DefaultProxyTuner tuner = tuner(0.5)) {
      List<List<Integer>> beams = new ArrayList<>();
      for (int i = 0; i < width * successors; i++) {
        beams.add(stretch(tuner, List.of(), i, chunk));
      }
      beams.sort(Comparator.comparingDouble(ids -> -reward(IDS, ids)));
      for (int end = 2 * chunk;
          beams.subList(0, width).stream().anyMatch(SearchTest::goesOn);
          end += chunk) {
        List<List<Integer>> next = new ArrayList<>();
        for (List<Integer> beam : beams.subList(0, width)) {
          if (!goesOn(beam)) {
            next.add(beam);
          }
        }
        int index = 0;
        for (List<Integer> beam : beams.subList(0, width)) {
          for (int i = 0; goesOn(beam) && i < successors; i++) {
            next.add(stretch(tuner, beam, index++, Math.min(14, end) - beam.size()));
          }
        }
        next.sort(Comparator.comparingDouble(ids -> -reward(IDS, ids)));
        beams = next;
      }
      List<RewardedText> found =
          tuner.search(PROMPT, Search.beam(width, successors, chunk), SAMPLED);
      assertThat(found.stream().map(text -> text.generation().tokenIds()).toList())
          .isEqualTo(beams);
      assertThat(found.get(0).reward()).isCloseTo(reward(IDS, beams.get(0)), within(1e-6));
    }
  }

  private static boolean goesOn(List<Integer> beam) {
    return beam.size() < 14 && beam.get(beam.size() - 1) != 3;
  }

  private static List<Integer> stretch(
      DefaultProxyTuner tuner, List<Integer> beam, int index, int tokens) {
    GenerationOptions options =
        SAMPLED.withSeed(Seeds.derive(SEED, index)).withMaxNewTokens(tokens);
    Prompt longer = Prompt.ofIds(Ints.concat(IDS, Ints.toArray(beam)));
    List<Integer> ids = new ArrayList<>(beam);
    ids.addAll(tuner.generate(longer, options).tokenIds());
    return ids;
  }

  @Test
  void expertsRewardEveryTokenWhereTheySteerFew() {
    Fusion gated =
        Fusion.proxyTuning().withStrength(Strength.whereEntropyIsAtLeast(3.2).withAudited(0));
    fixture.fusion(gated);
    try (DefaultProxyTuner tuner = tuner(1)) {
      RewardedText best = tuner.search(PROMPT, Search.beam(2, 2, 3), SAMPLED).get(0);
      assertThat(best.reward()).isCloseTo(reward(IDS, best.generation().tokenIds()), within(1e-6));
      assertThat(best.generation().stats().gate().unsteered()).isPositive();
      assertThat(best.generation().stats().gate().unasked()).isZero();
      assertThat(tuner.search(PROMPT, Search.bestOf(1), SAMPLED).get(0).generation().tokenIds())
          .isEqualTo(tuner.generate(PROMPT, SAMPLED).tokenIds());
    }
  }

  @Test
  void everyPairCountsOnce() {
    FakeModel other = FakeModel.hashed("other", 4).sharingPasses();
    try (DefaultProxyTuner tuner =
        fixture.tuner(
            base,
            new ExpertPair(expert, antiExpert, 2),
            new ExpertPair(other, antiExpert, -1),
            new ExpertPair(antiExpert, antiExpert, 1))) {
      RewardedText best = tuner.search(PROMPT, Search.bestOf(2), SAMPLED).get(0);
      int[] ids = Ints.toArray(best.generation().tokenIds());
      double expected = total(expert, ids) + total(other, ids) - 2 * total(antiExpert, ids);
      assertThat(best.reward()).isCloseTo(expected, within(1e-9));
    }
  }

  /** A chunk that ends where the context does. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 10})
  void aFullContextEndsASearch(int chunk) {
    FakeModel narrow = FakeModel.hashed("narrow", 2, 40, 8).sharingPasses();
    try (DefaultProxyTuner tuner = fixture.tuner(base, ExpertPair.of(narrow, antiExpert))) {
      GenerationOptions options = SAMPLED.withIgnoreEndOfText(true);
      Generation plain = tuner.generate(PROMPT, options);
      assertThat(plain.finishReason()).isEqualTo(FinishReason.CONTEXT_FULL);
      Generation found =
          tuner.search(PROMPT, Search.beam(1, 1, chunk), options).get(0).generation();
      assertThat(found.tokenIds()).isEqualTo(plain.tokenIds());
      assertThat(found.finishReason()).isEqualTo(FinishReason.CONTEXT_FULL);
    }
  }

  @Test
  void aTimeLimitEndsTheWholeSearch() {
    base.beforePass(pass -> fixture.clock.addAndGet(Duration.ofSeconds(1).toNanos()));
    try (DefaultProxyTuner tuner = tuner(1)) {
      GenerationOptions limited =
          SAMPLED.withIgnoreEndOfText(true).withTimeLimit(Duration.ofMillis(6500));
      List<RewardedText> found = tuner.search(PROMPT, Search.beam(2, 2, 3), limited);
      assertThat(found).hasSize(4);
      for (RewardedText text : found) {
        assertThat(text.generation().finishReason()).isEqualTo(FinishReason.DEADLINE);
        assertThat(text.generation().tokenIds()).hasSize(7);
      }
    }
  }

  @Test
  void aClosedTunerAndAnInterruptedThreadEndASearch() {
    DefaultProxyTuner tuner = tuner(1);
    base.beforePass(
        pass -> {
          if (pass == 4) {
            Thread.currentThread().interrupt();
          } else if (pass == 12) {
            tuner.close();
          }
        });
    try (tuner) {
      GenerationOptions options = SAMPLED.withIgnoreEndOfText(true);
      List<RewardedText> found = tuner.search(PROMPT, Search.beam(1, 2, 3), options);
      assertThat(Thread.interrupted()).isTrue();
      assertThat(found.get(0).generation().finishReason()).isEqualTo(FinishReason.CANCELLED);
      assertThatIllegalStateException()
          .isThrownBy(() -> tuner.search(PROMPT, Search.beam(1, 2, 3), options))
          .withMessageContaining("closed");
    }
  }

  @Test
  void whatHasNoRewardsIsRefused() {
    try (DefaultProxyTuner tuner = fixture.tuner(base)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> tuner.search(PROMPT, Search.bestOf(2), SAMPLED))
          .withMessageContaining("rewards texts by an expert pair, and this tuner has none");
    }
    fixture.fusion(Fusion.proxyTuning().withSource(expert, 1));
    try (DefaultProxyTuner tuner = fixture.tuner(base)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> tuner.search(PROMPT, Search.bestOf(2), SAMPLED))
          .withMessageContaining("adds a source alone");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> tuner.search(PROMPT, Search.beam(1 << 20, 1 << 20, 1), SAMPLED))
          .withMessageContaining("got 1048576 beams of 1048576 successors");
    }
  }
}
