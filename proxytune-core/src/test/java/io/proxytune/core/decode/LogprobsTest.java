package io.proxytune.core.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.proxytune.ExpertPair;
import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.Role;
import io.proxytune.Token;
import io.proxytune.TokenLogprobs;
import io.proxytune.TokenLogprobs.OfRole;
import io.proxytune.core.ensemble.FakeModel;
import io.proxytune.core.ensemble.FakeTokenizer;
import io.proxytune.core.tuner.DefaultProxyTuner;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LogprobsTest extends ThreeModels {
  private static final GenerationOptions OPTIONS = GenerationOptions.defaults().withMaxNewTokens(5);

  private static TokenLogprobs logprobs(Token token) {
    assertThat(token.logprobs()).isNotNull();
    return Objects.requireNonNull(token.logprobs());
  }

  @Test
  void noneUnlessAskedFor() {
    Generation generation = fixture.tuner(base).generate(Prompt.ofIds(5), OPTIONS);

    assertThat(generation.tokens()).allSatisfy(token -> assertThat(token.logprobs()).isNull());
  }

  @Test
  void fusedAndEveryRolesDistributionBeforeBansAndTemperature() {
    Generation generation =
        fixture
            .tuner(base, new ExpertPair(expert, antiExpert, 2))
            .generate(
                Prompt.ofIds(5), OPTIONS.withLogprobs(3).withBannedIds(Set.of(0, 1, 2, 3, 4, 5)));

    List<Integer> history = new ArrayList<>(List.of(5));
    for (Token token : generation.tokens()) {
      float[] baseRow = FakeModel.hashedRow(history, 1, 40);
      float[] expertRow = FakeModel.hashedRow(history, 2, 40);
      float[] antiRow = FakeModel.hashedRow(history, 3, 40);
      float[] fused = fused(history, 2);
      TokenLogprobs logprobs = logprobs(token);
      assertThat(logprobs.logprob())
          .isCloseTo(Distributions.logprob(fused, token.id()), within(1e-4));
      assertThat(logprobs.top()).hasSize(3);
      assertThat(logprobs.top().get(0).id()).isEqualTo(Distributions.top(fused, 1).get(0).id());
      assertThat(logprobs.roles())
          .usingRecursiveComparison()
          .withComparatorForType(
              (a, b) -> Math.abs(a - b) < 1e-9 ? 0 : Double.compare(a, b), Double.class)
          .isEqualTo(
              List.of(
                  ofRole(Role.BASE, baseRow, token.id()),
                  ofRole(Role.EXPERT, expertRow, token.id()),
                  ofRole(Role.ANTI_EXPERT, antiRow, token.id())));
      history.add(token.id());
    }
  }

  /** Roles are fused before their bounds, the sum is within the base's, and each report its own. */
  @Test
  void boundsAreBehindTheSumAndEachModelsOwnReport() {
    Generation generation =
        fixture
            .tuner(base.cappedAt(1.5), new ExpertPair(expert.cappedAt(0.5), antiExpert, 2))
            .generate(Prompt.ofIds(5), OPTIONS.withLogprobs(2));

    List<Integer> history = new ArrayList<>(List.of(5));
    for (Token token : generation.tokens()) {
      float[] baseRow = FakeModel.hashedRow(history, 1, 40);
      float[] expertRow = FakeModel.hashedRow(history, 2, 40);
      float[] antiRow = FakeModel.hashedRow(history, 3, 40);
      float[] fused = fused(history, 2);
      TokenLogprobs logprobs = logprobs(token);
      assertThat(logprobs.logprob())
          .isCloseTo(Distributions.logprob(bounded(fused, 1.5), token.id()), within(1e-4));
      assertThat(logprobs.roles().stream().map(OfRole::logprob).toList())
          .usingElementComparator((a, b) -> Math.abs(a - b) < 1e-4 ? 0 : Double.compare(a, b))
          .containsExactly(
              Distributions.logprob(bounded(baseRow, 1.5), token.id()),
              Distributions.logprob(bounded(expertRow, 0.5), token.id()),
              Distributions.logprob(antiRow, token.id()));
      history.add(token.id());
    }
  }

  private static float[] bounded(float[] row, double cap) {
    float[] bounded = new float[row.length];
    for (int id = 0; id < row.length; id++) {
      bounded[id] = (float) (cap * Math.tanh(row[id] / cap));
    }
    return bounded;
  }

  /** A model alone says of itself what is fused of nothing else. */
  @Test
  void aBoundedModelAloneIsReportedAlike() {
    Generation generation =
        fixture.tuner(base.cappedAt(0.5)).generate(Prompt.ofIds(5), OPTIONS.withLogprobs(2));
    assertThat(generation.tokens())
        .allSatisfy(
            token ->
                assertThat(logprobs(token).roles().get(0).logprob())
                    .isCloseTo(logprobs(token).logprob(), within(1e-9)));
  }

  private static OfRole ofRole(Role role, float[] row, int id) {
    return new OfRole(role, 0, Distributions.logprob(row, id), Distributions.top(row, 3));
  }

  @Test
  void pairsThatAddNothingAreReportedAllTheSame() {
    DefaultProxyTuner tuner =
        fixture.tuner(
            base, new ExpertPair(expert, antiExpert, 0), ExpertPair.of(antiExpert, antiExpert));
    Generation reported = tuner.generate(Prompt.ofIds(5), OPTIONS.withLogprobs(0));
    Generation plain = tuner.generate(Prompt.ofIds(5), OPTIONS);

    assertThat(reported.tokenIds()).isEqualTo(plain.tokenIds());
    assertThat(logprobs(reported.tokens().get(0)).roles().stream().map(OfRole::role))
        .containsExactly(Role.BASE, Role.EXPERT, Role.ANTI_EXPERT, Role.EXPERT, Role.ANTI_EXPERT);
    assertThat(logprobs(reported.tokens().get(0)).roles().stream().map(OfRole::pair))
        .containsExactly(0, 0, 0, 1, 1);
    assertThat(logprobs(reported.tokens().get(0)).top()).isEmpty();
    assertThat(antiExpert.passes()).as("one segment serves three roles").hasSize(5);
  }

  @Test
  void idsWithoutATokenAreNeverPickedButPartOfEveryDistribution() {
    FakeTokenizer thirty = new FakeTokenizer(FakeTokenizer.letters().subList(0, 30), false);
    FakeModel padded = base.withTokenizer(thirty);
    FakeModel paddedExpert = expert.withTokenizer(thirty);
    FakeModel narrow = FakeModel.hashed("anti", 3, 35, 100).withTokenizer(thirty);
    Generation generation =
        fixture
            .tuner(padded, new ExpertPair(paddedExpert, narrow, 2))
            .generate(Prompt.ofIds(5), OPTIONS.withLogprobs(40));

    List<Integer> history = new ArrayList<>(List.of(5));
    for (Token token : generation.tokens()) {
      assertThat(token.id()).isLessThan(30);
      float[] baseRow = FakeModel.hashedRow(history, 1, 40);
      float[] expertRow = FakeModel.hashedRow(history, 2, 40);
      float[] antiRow = FakeModel.hashedRow(history, 3, 35);
      float[] fused = baseRow.clone();
      for (int id = 0; id < 35; id++) { // beyond, the anti-expert has no logit to compare with
        fused[id] += 2 * (expertRow[id] - antiRow[id]);
      }
      TokenLogprobs logprobs = logprobs(token);
      assertThat(logprobs.logprob())
          .isCloseTo(Distributions.logprob(fused, token.id()), within(1e-4));
      assertThat(logprobs.top()).hasSize(40);
      assertThat(logprobs.top().get(0).id()).isEqualTo(Distributions.top(fused, 1).get(0).id());
      assertThat(logprobs.roles().get(0).logprob())
          .isCloseTo(Distributions.logprob(baseRow, token.id()), within(1e-9));
      history.add(token.id());
    }
  }

  @Test
  void scoresCountIdsWithoutATokenToo() {
    FakeTokenizer thirty = new FakeTokenizer(FakeTokenizer.letters().subList(0, 30), false);
    double total = fixture.tuner(base.withTokenizer(thirty)).score(Prompt.ofIds(5), "b").total();

    assertThat(total)
        .isCloseTo(
            Distributions.logprob(FakeModel.hashedRow(List.of(5), 1, 40), thirty.id("b").get()),
            within(1e-6));
  }

  @Test
  void idThatARoleLacksHasNoProbabilityThere() {
    int cat = FakeTokenizer.LETTERS.id("cat").orElseThrow();
    FakeModel talker = FakeModel.saying(1, new int[] {cat});
    FakeModel small =
        FakeModel.hashed("small", 6, 30, 100)
            .withTokenizer(new FakeTokenizer(FakeTokenizer.letters().subList(0, 30), false));
    Generation generation =
        fixture
            .tuner(talker, ExpertPair.of(small, antiExpert))
            .generate(Prompt.ofIds(5), OPTIONS.withLogprobs(0).withMaxNewTokens(1));

    assertThat(logprobs(generation.tokens().get(0)).roles().get(1).logprob())
        .isEqualTo(Double.NEGATIVE_INFINITY);
  }
}
