package io.proxytune.core.decode;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.proxytune.CandidateSet;
import io.proxytune.ExpertPair;
import io.proxytune.Fusion;
import io.proxytune.Fusion.Space;
import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.Role;
import io.proxytune.Sampler;
import io.proxytune.Score;
import io.proxytune.Speculation;
import io.proxytune.Strength;
import io.proxytune.TokenLogprobs;
import io.proxytune.TokenTrace;
import io.proxytune.core.ensemble.FakeModel;
import io.proxytune.core.tuner.DefaultProxyTuner;
import io.proxytune.core.tuner.TunerFixture;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Texts of fusions other than proxy-tuning, against greedy decoding of the formula. */
class FusedTextsTest {
  private static final GenerationOptions TWELVE =
      GenerationOptions.defaults().withMaxNewTokens(12).withIgnoreEndOfText(true);

  private final TunerFixture fixture = new TunerFixture();
  private final FakeModel base = FakeModel.hashed("base", 1).readingDrafts().sharingPasses();
  private final FakeModel expert = FakeModel.hashed("expert", 2).readingDrafts().sharingPasses();
  private final FakeModel antiExpert = FakeModel.hashed("anti", 3).readingDrafts().sharingPasses();
  private final ExpertPair pair = new ExpertPair(expert, antiExpert, 1.5);

  @AfterEach
  void nothingStaysOpen() {
    fixture.assertNothingOpen();
  }

  /** A step's rows by seed, of the prompt (5, 6) and what followed. */
  private interface Rule {
    double[] fused(int position, IntFunction<double[]> rows);
  }

  private static List<Integer> greedy(Rule rule) {
    List<Integer> ids = new ArrayList<>(List.of(5, 6));
    for (int step = 0; step < 12; step++) {
      double[] fused = rule.fused(step, seed -> doubles(FakeModel.hashedRow(ids, seed, 40)));
      ids.add(best(fused));
    }
    return ids.subList(2, ids.size());
  }

  private static double[] doubles(float[] row) {
    return IntStream.range(0, row.length).mapToDouble(id -> row[id]).toArray();
  }

  private static int best(double[] row) {
    return IntStream.range(0, row.length)
        .boxed()
        .max(Comparator.<Integer>comparingDouble(id -> row[id]).thenComparing(id -> -id))
        .orElseThrow();
  }

  private static double[] row(IntToDoubleFunction value) {
    return IntStream.range(0, 40).mapToDouble(value).toArray();
  }

  private static double[] softmax(double[] row) {
    double total = IntStream.range(0, 40).mapToDouble(id -> Math.exp(row[id])).sum();
    return row(id -> Math.exp(row[id]) / total);
  }

  private static double[] proxyTuned(double alpha, IntFunction<double[]> rows) {
    double[] base = rows.apply(1);
    double[] expert = rows.apply(2);
    double[] antiExpert = rows.apply(3);
    return row(id -> base[id] + alpha * (expert[id] - antiExpert[id]));
  }

  private List<Integer> text(Fusion fusion, ExpertPair... pairs) {
    try (DefaultProxyTuner tuner = fixture.fusion(fusion).tuner(base, pairs)) {
      return tuner.generate(Prompt.ofIds(5, 6), TWELVE).tokenIds();
    }
  }

  @Test
  void theDefaultIsProxyTuning() {
    assertThat(text(Fusion.proxyTuning(), pair))
        .isEqualTo(greedy((step, rows) -> proxyTuned(1.5, rows)));
  }

  @Test
  void aConstantStrengthMultipliesEveryWeight() {
    Fusion half = Fusion.proxyTuning().withStrength(Strength.constant(0.5));
    assertThat(text(half, pair)).isEqualTo(greedy((step, rows) -> proxyTuned(0.75, rows)));
  }

  @Test
  void strengthsFollowThePosition() {
    Fusion first = Fusion.proxyTuning().withStrength(Strength.firstTokens(4));
    assertThat(text(first, pair))
        .isEqualTo(greedy((step, rows) -> proxyTuned(step < 4 ? 1.5 : 0, rows)));
    Fusion linear = Fusion.proxyTuning().withStrength(Strength.linear(2, 0, 8));
    assertThat(text(linear, pair))
        .isEqualTo(greedy((step, rows) -> proxyTuned(3 - 3 * Math.min(1, step / 8.0), rows)));
  }

  @Test
  void strengthsFollowTheBasesCertainty() {
    double[] entropies = new double[12];
    List<Integer> expected =
        greedy(
            (step, rows) -> {
              double[] p = softmax(rows.apply(1));
              entropies[step] =
                  -IntStream.range(0, 40).mapToDouble(id -> p[id] * Math.log(p[id])).sum();
              return proxyTuned(entropies[step] >= 3.2 ? 1.5 : 0, rows);
            });
    assertThat(Arrays.stream(entropies).filter(each -> each >= 3.2).count()).isBetween(1L, 11L);
    Fusion gated = Fusion.proxyTuning().withStrength(Strength.whereEntropyIsAtLeast(3.2));
    assertThat(text(gated, pair)).isEqualTo(expected);
    Strength.Custom own = step -> step.entropy() >= 3.2 ? 1 : 0;
    assertThat(text(Fusion.proxyTuning().withStrength(own), pair)).isEqualTo(expected);
    Fusion unsure = Fusion.proxyTuning().withStrength(Strength.whereTopProbabilityIsAtMost(0.12));
    assertThat(text(unsure, pair))
        .isEqualTo(
            greedy(
                (step, rows) -> {
                  double[] p = softmax(rows.apply(1));
                  return proxyTuned(p[best(p)] <= 0.12 ? 1.5 : 0, rows);
                }));
  }

  /** A grid in the place of the solution. */
  @Test
  void aMatchedStrengthShiftsAsFarAsThePair() {
    Fusion matched = Fusion.proxyTuning().withStrength(Strength.klMatched());
    List<Integer> expected =
        greedy(
            (step, rows) -> {
              double target = divergence(softmax(rows.apply(2)), softmax(rows.apply(3)));
              double best = 0;
              double least = Double.MAX_VALUE;
              for (double s = 0; s <= 2; s += 1e-3) {
                double[] fused = softmax(proxyTuned(s, rows));
                double off = Math.abs(divergence(fused, softmax(rows.apply(1))) - target);
                best = off < least ? s : best;
                least = Math.min(off, least);
              }
              return proxyTuned(best, rows);
            });
    assertThat(text(matched, ExpertPair.of(expert, antiExpert))).isEqualTo(expected);
  }

  private static double divergence(double[] of, double[] from) {
    return IntStream.range(0, 40).mapToDouble(id -> of[id] * Math.log(of[id] / from[id])).sum();
  }

  @Test
  void onlyCandidatesArePicked() {
    Fusion likely = Fusion.proxyTuning().withCandidates(CandidateSet.plausible(0.3));
    assertThat(text(likely, pair))
        .isEqualTo(
            greedy(
                (step, rows) -> {
                  double[] fused = proxyTuned(1.5, rows);
                  double[] p = softmax(rows.apply(1));
                  double least = 0.3 * p[best(p)];
                  return row(id -> p[id] >= least ? fused[id] : Double.NEGATIVE_INFINITY);
                }));
  }

  @Test
  void sourcesAloneAreAddedInLogits() {
    Fusion two = Fusion.proxyTuning().withSource(expert, -0.7).withSource(antiExpert, 0.4);
    assertThat(text(two))
        .isEqualTo(
            greedy(
                (step, rows) -> {
                  double[] b = rows.apply(1);
                  double[] e = rows.apply(2);
                  double[] a = rows.apply(3);
                  return row(id -> b[id] - 0.7 * e[id] + 0.4 * a[id]);
                }));
  }

  @Test
  void probabilitiesAreMixed() {
    Fusion mixture =
        Fusion.proxyTuning().withSpace(Space.PROBABILITIES).withPair(expert, base, 0.6);
    assertThat(text(mixture))
        .isEqualTo(
            greedy(
                (step, rows) -> {
                  double[] b = softmax(rows.apply(1));
                  double[] e = softmax(rows.apply(2));
                  return row(id -> 0.4 * b[id] + 0.6 * e[id]);
                }));
  }

  /** One model in three places with two prompts: two sessions, and its own weights once. */
  @Test
  void aSourceStandsInSeveralPlacesWithPromptsOfItsOwn() {
    Prompt prompt = Prompt.of("the cat").withText(Role.ANTI_EXPERT, "a dog");
    Fusion guided = Fusion.proxyTuning().withPair(base, base, 0.5);
    try (DefaultProxyTuner tuner = fixture.fusion(guided).tuner(base)) {
      Generation generation = tuner.generate(prompt, TWELVE);
      List<Integer> ids = new ArrayList<>(generation.promptTokenIds());
      List<Integer> others = new ArrayList<>();
      for (int id : base.tokenizer().orElseThrow().encode("a dog", true)) {
        others.add(id);
      }
      for (int id : generation.tokenIds()) {
        float[] with = FakeModel.hashedRow(ids, 1, 40);
        float[] without = FakeModel.hashedRow(others, 1, 40);
        assertThat(id).isEqualTo(best(row(i -> 1.5 * with[i] - 0.5 * without[i])));
        ids.add(id);
        others.add(id);
      }
      assertThat(base.sessionsMade()).isEqualTo(2);
      assertThat(base.passes()).as("one pass a token for both").hasSize(12);
    }
  }

  private static List<Fusion> fusions(FakeModel base, FakeModel expert, FakeModel antiExpert) {
    Fusion fusion = Fusion.proxyTuning();
    return List.of(
        fusion.withPair(expert, antiExpert, 1).withStrength(Strength.firstTokens(3)),
        fusion.withPair(expert, antiExpert, 1).withStrength(Strength.linear(0, 2, 9)),
        fusion.withPair(expert, antiExpert, 1).withStrength(Strength.klMatched()),
        fusion
            .withPair(expert, antiExpert, 1)
            .withStrength(Strength.whereEntropyIsAtLeast(3.2))
            .withCandidates(CandidateSet.topP(0.9)),
        fusion
            .withPair(expert, antiExpert, 1)
            .withStrength((Strength.Custom) step -> 1.0 / (1 + step.position())),
        fusion
            .withPair(expert, base, 3)
            .withSpace(Space.PROBABILITIES)
            .withCandidates(CandidateSet.common(5))
            .withStrength(Strength.firstTokens(4)),
        fusion
            .withSource(antiExpert, -0.5)
            .withSpace(Space.LOG_PROBABILITIES)
            .withCandidates(CandidateSet.plausible(0.1)),
        fusion.withPair(expert, antiExpert, 1).withCandidates(CandidateSet.inEitherTop(3)));
  }

  /** Indices into {@link #fusions}. */
  private static IntStream cases() {
    return IntStream.range(0, 8);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void draftsChangeNoText(int index) {
    Fusion fusion = fusions(base, expert, antiExpert).get(index);
    GenerationOptions options =
        TWELVE.withSampler(Sampler.temperature(0.8)).withSeed(3).withMaxNewTokens(20);
    Prompt prompt = Prompt.ofIds(5, 6, 5, 6, 5);
    try (DefaultProxyTuner tuner = fixture.fusion(fusion).tuner(base)) {
      Generation plain = tuner.generate(prompt, options.withSpeculation(Speculation.off()));
      for (int k : new int[] {1, 3, 7}) {
        Generation drafted = tuner.generate(prompt, options.withSpeculation(Speculation.draft(k)));
        assertThat(drafted.tokenIds()).isEqualTo(plain.tokenIds());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void textsOfABatchAreThoseOfEachAlone(int index) {
    Fusion fusion = fusions(base, expert, antiExpert).get(index);
    List<Prompt> prompts = List.of(Prompt.ofIds(5, 6), Prompt.ofIds(7), Prompt.ofIds(8, 9, 10));
    try (DefaultProxyTuner tuner = fixture.fusion(fusion).tuner(base)) {
      List<Generation> together = tuner.generateAll(prompts, TWELVE);
      for (int i = 0; i < prompts.size(); i++) {
        assertThat(together.get(i).tokenIds())
            .isEqualTo(tuner.generate(prompts.get(i), TWELVE).tokenIds());
      }
    }
  }

  @Test
  void aTraceTellsTheStrengthOfEachToken() {
    Fusion linear = Fusion.proxyTuning().withStrength(Strength.linear(2, 0, 8));
    try (DefaultProxyTuner tuner = fixture.fusion(linear).tuner(base, pair)) {
      GenerationOptions tracing =
          TWELVE.withTrace(true).withSpeculation(Speculation.draft(3)).withMaxNewTokens(10);
      Generation generation = tuner.generate(Prompt.ofIds(5, 6), tracing);
      for (int i = 0; i < 10; i++) {
        TokenTrace trace = requireNonNull(generation.tokens().get(i).trace());
        assertThat(trace.alphas()).containsExactly(1.5 * (2 - 2 * Math.min(1, i / 8.0)));
        assertThat(trace.steered()).isEqualTo(trace.base().choice() != trace.fused().choice());
        assertThat(trace.divergence()).isCloseTo(0, within(i < 8 ? 99 : 1e-9));
      }
    }
  }

  /** What is reported and what is scored is the fused row that tokens are picked from. */
  @ParameterizedTest
  @MethodSource("cases")
  void scoresAreTheReportedLogprobs(int index) {
    Fusion fusion = fusions(base, expert, antiExpert).get(index);
    try (DefaultProxyTuner tuner = fixture.fusion(fusion).tuner(base)) {
      GenerationOptions reporting = TWELVE.withLogprobs(2);
      Generation generation = tuner.generate(Prompt.of("the cat"), reporting);
      int[] ids = generation.tokenIds().stream().mapToInt(Integer::intValue).toArray();
      List<TokenLogprobs> given = tuner.logprobs(Prompt.of("the cat"), ids, 2);
      for (int i = 0; i < 12; i++) {
        TokenLogprobs picked = requireNonNull(generation.tokens().get(i).logprobs());
        assertThat(given.get(i).logprob()).isCloseTo(picked.logprob(), within(1e-9));
        assertThat(given.get(i).top()).isEqualTo(picked.top());
        assertThat(picked.top().get(0).id()).isEqualTo(ids[i]);
      }
      Score score = tuner.score(Prompt.of("the cat"), "abx");
      int[] text = score.tokens().stream().mapToInt(Score.TokenScore::id).toArray();
      List<TokenLogprobs> scored = tuner.logprobs(Prompt.of("the cat"), text, 0);
      for (int i = 0; i < text.length; i++) {
        double expected = scored.get(i).logprob();
        assertThat(score.tokens().get(i).logprob()).isCloseTo(expected, within(1e-9));
      }
      assertThat(tuner.choose(Prompt.of("the cat"), List.of("abx", "y")).scores().get(0))
          .isEqualTo(score);
    }
  }

  /** The identity α = 0. */
  @ParameterizedTest
  @EnumSource(Space.class)
  void withoutStrengthTheBaseDecidesAlone(Space space) {
    Fusion none =
        Fusion.proxyTuning()
            .withSpace(space)
            .withCandidates(CandidateSet.inBothTop(1))
            .withStrength(Strength.constant(0));
    List<Integer> plain = greedy((step, rows) -> rows.apply(1));
    assertThat(text(none, pair)).isEqualTo(plain);
    assertThat(text(none.withStrength(Strength.firstTokens(0)), pair)).isEqualTo(plain);
    assertThat(text(none.withStrength((Strength.Custom) step -> 0), pair)).isEqualTo(plain);
  }

  /** The identity of equal models, and of one term of weight 1 between base and expert. */
  @ParameterizedTest
  @EnumSource(Space.class)
  void equalModelsAndOneTermAreSingleModels(Space space) {
    Fusion fusion = Fusion.proxyTuning().withSpace(space).withStrength(Strength.linear(1, 2, 5));
    FakeModel other = FakeModel.hashed("the expert again", 2);
    assertThat(text(fusion.withPair(expert, other, 2)))
        .isEqualTo(greedy((step, rows) -> rows.apply(1)));
    assertThat(text(Fusion.proxyTuning().withSpace(space).withPair(expert, base, 1)))
        .isEqualTo(greedy((step, rows) -> rows.apply(2)));
  }

  @Test
  void whatTheApplicationsStrengthThrowsFailsItsRequest() {
    Strength.Custom wrong =
        step -> {
          if (step.position() == 2) {
            throw new IllegalStateException("its own");
          }
          return 1;
        };
    try (DefaultProxyTuner tuner =
        fixture.fusion(Fusion.proxyTuning().withStrength(wrong)).tuner(base, pair)) {
      assertThatThrownBy(() -> tuner.generate(Prompt.ofIds(5), TWELVE)).hasMessage("its own");
      assertThat(tuner.generate(Prompt.ofIds(5), TWELVE.withMaxNewTokens(2)).tokenIds()).hasSize(2);
    }
    Fusion infinite = Fusion.proxyTuning().withStrength((Strength.Custom) step -> 1.0 / 0);
    try (DefaultProxyTuner tuner = fixture.fusion(infinite).tuner(base, pair)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> tuner.generate(Prompt.ofIds(5), TWELVE))
          .withMessageContaining("Infinity at position 0");
    }
  }
}
