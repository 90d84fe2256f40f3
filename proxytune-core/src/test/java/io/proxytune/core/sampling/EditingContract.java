package io.proxytune.core.sampling;

import static java.lang.Float.NEGATIVE_INFINITY;
import static java.lang.Float.NaN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proxytune.ModelException;
import io.proxytune.Penalties;
import io.proxytune.Sampler;
import io.proxytune.TokenConstraints;
import io.proxytune.model.Logits;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** How bias, penalties, bans and the application's code change a pick. */
public abstract class EditingContract extends LogitMathContract {
  protected EditingContract(Backend backend) {
    super(backend);
  }

  @Test
  void biasIsAddedAndBansWin() {
    assertThat(pick(PlanBuilder.greedy().bias(Map.of(0, 2.5)), 0, 2)).isEqualTo(0);
    assertThat(pick(PlanBuilder.greedy().bias(Map.of(1, -2.5)), 0, 2)).isEqualTo(0);
    assertThat(pick(PlanBuilder.greedy().bias(Map.of(0, 99.0)).banned(Set.of(0)), 0, 2))
        .isEqualTo(1);
    assertThat(pick(PlanBuilder.greedy().banned(Set.of(1, 500)), 0, 2)).isEqualTo(0);
  }

  @Test
  void penaltiesCountPromptAndOutputAsDocumented() {
    // prompt 0, 1; generated 1, 1, 2
    float[] row = {4, -1, 3, 2.2f};
    Penalties repetition = new Penalties(2, 0, 0);
    assertThat(edited(repetition, row)).containsExactly(2, -2, 1.5f, 2.2f);
    Penalties frequency = new Penalties(1, 0.5, 0);
    assertThat(edited(frequency, row)).containsExactly(4, -2, 2.5f, 2.2f);
    Penalties presence = new Penalties(1, 0, 0.25);
    assertThat(edited(presence, row)).containsExactly(4, -1.25f, 2.75f, 2.2f);
    Penalties all = new Penalties(2, 0.5, -0.25);
    assertThat(edited(all, row)).containsExactly(2, -2.75f, 1.25f, 2.2f);
  }

  @Test
  void biasComesBeforePenalties() {
    PlanBuilder plan = PlanBuilder.greedy().penalties(new Penalties(2, 0, 0)).bias(Map.of(0, 4.0));
    assertThat(edited(plan, new float[] {-1, 0, 0, 0})).startsWith(1.5f);
  }

  private float[] edited(Penalties penalties, float[] row) {
    return edited(PlanBuilder.greedy().penalties(penalties), row);
  }

  /** What a processor sees, with prompt 0, 1 and generated 1, 1, 2 (and 3, taken back). */
  private float[] edited(PlanBuilder plan, float[] row) {
    float[][] seen = new float[1][];
    plan.processors((values, context) -> seen[0] = values.clone());
    try (Logits logits = logits(row);
        SamplerState state = math.newState(plan.build(), new int[] {0, 1})) {
      state.append(1);
      math.pick(logits, List.of(state)); // so that device copies have to follow from here on
      state.append(1);
      state.append(2);
      state.append(3);
      math.pick(logits, List.of(state));
      state.truncate(3);
      math.pick(logits, List.of(state));
    }
    return seen[0];
  }

  /** What is drafted is taken back again, many times. */
  @Test
  void truncatedStatePicksLikeOneThatNeverHadTheTokens() {
    Random random = new Random(5);
    SamplingPlan plan =
        PlanBuilder.of(Sampler.temperature(1)).penalties(new Penalties(1.3, 0.4, 0.2)).build();
    try (Logits logits = logits(new float[400]);
        SamplerState truncated = math.newState(plan, new int[] {3, 4, 5})) {
      List<Integer> kept = new ArrayList<>();
      for (int round = 0; round < 40; round++) {
        for (int i = random.nextInt(12); i > 0; i--) {
          int id = random.nextInt(random.nextBoolean() ? 8 : 400);
          truncated.append(id);
          kept.add(id);
        }
        kept.subList(kept.size() - random.nextInt(Math.min(8, kept.size()) + 1), kept.size())
            .clear();
        truncated.truncate(kept.size());
        try (SamplerState fresh = math.newState(plan, new int[] {3, 4, 5})) {
          kept.forEach(fresh::append);
          assertThat(math.pick(logits, List.of(truncated)))
              .isEqualTo(math.pick(logits, List.of(fresh)));
        }
      }
    }
  }

  @Test
  void endIdsAreBannedBelowTheMinimum() {
    SamplingPlan plan = PlanBuilder.greedy().minNewTokens(2, Set.of(1)).build();
    try (Logits logits = logits(new float[] {0, 2, 1});
        SamplerState state = math.newState(plan, new int[] {0, 0, 0})) {
      assertThat(math.pick(logits, List.of(state))).containsExactly(2);
      state.append(2);
      assertThat(math.pick(logits, List.of(state))).containsExactly(2);
      state.append(2);
      assertThat(math.pick(logits, List.of(state))).containsExactly(1);
      state.truncate(1);
      assertThat(math.pick(logits, List.of(state))).containsExactly(2);
    }
  }

  /** What is banned, as −∞, for a text of which so many tokens are the prompt. */
  private float[] constrained(PlanBuilder plan, int promptLength, int... text) {
    float[][] seen = new float[1][];
    plan.processors((values, context) -> seen[0] = values.clone());
    int[] prompt = Arrays.copyOf(text, promptLength);
    try (Logits logits = logits(new float[] {5, 6, 7, 8, 9});
        SamplerState state = math.newState(plan.build(), prompt)) {
      for (int i = promptLength; i < text.length; i++) {
        state.append(text[i]);
      }
      state.append(4);
      math.pick(logits, List.of(state));
      state.truncate(text.length - promptLength);
      math.pick(logits, List.of(state));
    }
    return seen[0];
  }

  private float[] constrained(TokenConstraints constraints, int promptLength, int... text) {
    PlanBuilder plan = PlanBuilder.greedy().constraints(constraints);
    return constrained(plan, promptLength, text);
  }

  @Test
  void aBannedSequenceIsNotCompleted() {
    TokenConstraints banned =
        TokenConstraints.NONE.withBannedSequences(
            List.of(List.of(4), List.of(1, 0), List.of(1, 2, 3), List.of(1, 2, 70), List.of(9, 1)));
    assertThat(constrained(banned, 1, 2)).containsExactly(5, 6, 7, 8, NEGATIVE_INFINITY);
    assertThat(constrained(banned, 1, 1))
        .as("in the prompt")
        .containsExactly(NEGATIVE_INFINITY, 6, 7, 8, NEGATIVE_INFINITY);
    assertThat(constrained(banned, 1, 1, 2))
        .as("across prompt and output")
        .containsExactly(5, 6, 7, NEGATIVE_INFINITY, NEGATIVE_INFINITY);
    assertThat(constrained(banned, 1, 1, 2, 2))
        .as("only at the end")
        .containsExactly(5, 6, 7, 8, NEGATIVE_INFINITY);
  }

  @Test
  void noNgramIsRepeated() {
    TokenConstraints three = TokenConstraints.NONE.withNoRepeatNgramSize(3);
    assertThat(constrained(three, 2, 0, 1)).containsExactly(5, 6, 7, 8, 9);
    assertThat(constrained(three, 3, 0, 1, 2, 0, 1, 3, 0, 1))
        .containsExactly(5, 6, NEGATIVE_INFINITY, NEGATIVE_INFINITY, 9);
    assertThat(constrained(three, 1, 2, 2, 2)).containsExactly(5, 6, NEGATIVE_INFINITY, 8, 9);
    TokenConstraints one = TokenConstraints.NONE.withNoRepeatNgramSize(1);
    assertThat(constrained(one, 1, 2, 0))
        .containsExactly(NEGATIVE_INFINITY, 6, NEGATIVE_INFINITY, 8, 9);
  }

  @Test
  void someIdsMayNotBeginAText() {
    TokenConstraints begin = TokenConstraints.NONE.withBannedAtBegin(Set.of(1, 90));
    assertThat(constrained(begin, 2, 0, 0)).containsExactly(5, NEGATIVE_INFINITY, 7, 8, 9);
    assertThat(constrained(begin, 2, 0, 0, 0)).containsExactly(5, 6, 7, 8, 9);
    TokenConstraints afterForced = begin.withForcedBeginId(1);
    assertThat(constrained(afterForced, 1, 0))
        .as("what is forced is no begin")
        .containsExactly(
            NEGATIVE_INFINITY, 0, NEGATIVE_INFINITY, NEGATIVE_INFINITY, NEGATIVE_INFINITY);
    assertThat(constrained(afterForced, 1, 0, 1)).containsExactly(5, NEGATIVE_INFINITY, 7, 8, 9);
    assertThat(constrained(afterForced, 2, 0, 1)).containsExactly(5, NEGATIVE_INFINITY, 7, 8, 9);
  }

  @Test
  void theLastTokenIsForcedAgainstBansButTheCallersOwn() {
    PlanBuilder plan =
        PlanBuilder.greedy()
            .minNewTokens(9, Set.of(0))
            .banned(Set.of(2))
            .constraints(
                TokenConstraints.NONE
                    .withForcedEndIds(Set.of(0, 2, 3, 80))
                    .withBannedSequences(List.of(List.of(3))))
            .maxNewTokens(2);
    assertThat(constrained(plan, 2, 1, 1))
        .containsExactly(NEGATIVE_INFINITY, 6, NEGATIVE_INFINITY, NEGATIVE_INFINITY, 9);
    assertThat(constrained(plan, 2, 1, 1, 1))
        .containsExactly(0, NEGATIVE_INFINITY, NEGATIVE_INFINITY, 0, NEGATIVE_INFINITY);
  }

  @Test
  void anIdWithoutATokenIsNotForced() {
    PlanBuilder plan =
        PlanBuilder.greedy()
            .constraints(TokenConstraints.NONE.withForcedEndIds(Set.of(0, 1)))
            .maxNewTokens(1);
    assertThat(pick(plan, NEGATIVE_INFINITY, -50, 9)).isEqualTo(1);
    assertThatThrownBy(() -> pick(plan, NEGATIVE_INFINITY, NEGATIVE_INFINITY, 9))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("every token is banned");
  }

  @Test
  void processorsEditInOrderAndSeeTheContext() {
    PlanBuilder plan =
        PlanBuilder.greedy()
            .seed(77)
            .banned(Set.of(3))
            .processors(
                (row, context) -> {
                  assertThat(row).containsExactly(1, 2, 3, NEGATIVE_INFINITY);
                  assertThat(context.seed()).isEqualTo(77);
                  assertThat(context.position()).isEqualTo(2);
                  assertThat(context.promptIds()).containsExactly(5, 6);
                  assertThat(context.generatedIds()).isEmpty();
                  assertThat(context.gumbel(3)).isEqualTo(Noise.gumbel(77, 2, 3));
                  row[0] = 10;
                },
                (row, context) -> row[0] -= 7.5f);
    try (Logits logits = logits(new float[] {1, 2, 3, 4});
        SamplerState state = math.newState(plan.build(), new int[] {5, 6})) {
      assertThat(math.pick(logits, List.of(state))).containsExactly(2);
      assertThat(logits.row(0)).containsExactly(1, 2, 3, 4);
    }
  }

  @Test
  void processorsWorkWithStandardSamplers() {
    PlanBuilder plan =
        PlanBuilder.of(Sampler.topK(2)).processors((row, context) -> row[2] = NEGATIVE_INFINITY);
    for (int seed = 0; seed < 20; seed++) {
      assertThat(pick(plan.seed(seed), 1, 2, 9, 3)).isIn(1, 3);
    }
  }

  @Test
  void aProcessorsNaNIsRefused() {
    assertThatThrownBy(() -> pick(PlanBuilder.greedy().processors((row, c) -> row[1] = NaN), 1, 2))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("row 0 of the edited logits")
        .hasMessageContaining("after the application's processors: 1 of 2 values are NaN")
        .hasMessageNotContaining("weights");
  }

  @Test
  void whatLeavesTheRangeOfFloat32IsNamed() {
    double huge = Float.MAX_VALUE;
    assertThatThrownBy(() -> pick(PlanBuilder.greedy().bias(Map.of(1, huge)), 1, 1e38f))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("logit bias 3.4028234663852886E38 takes the logit of token id 1")
        .hasMessageContaining("whose largest number is 3.4028235E38");
    assertThatThrownBy(
            () -> pick(PlanBuilder.greedy().penalties(new Penalties(1e-37, 0, 0)), 50, 1))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("repetition penalty 1.0E-37 takes the logit of token id 0 from 50.0");
    try (Logits logits = logits(new float[] {1e38f, 1});
        SamplerState state =
            math.newState(
                PlanBuilder.greedy().penalties(new Penalties(1, -huge, 0)).build(),
                new int[] {1})) {
      state.append(0);
      assertThatThrownBy(() -> math.pick(logits, List.of(state)))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("frequency penalty -3.4028234663852886E38, presence penalty 0.0")
          .hasMessageContaining("token id 0");
    }
  }

  @Test
  void theLargestBiasThatFitsDecides() {
    assertThat(pick(PlanBuilder.greedy().bias(Map.of(0, (double) Float.MAX_VALUE)), 1, 90))
        .isZero();
    assertThat(pick(PlanBuilder.greedy().bias(Map.of(0, (double) -Float.MAX_VALUE)), 90, 1))
        .isEqualTo(1);
  }

  @Test
  void aThrowingProcessorOrSamplerReachesTheCaller() {
    PlanBuilder plan =
        PlanBuilder.greedy()
            .processors(
                (row, context) -> {
                  throw new UnsupportedOperationException("mine");
                });
    try (Logits logits = logits(new float[] {1, 2});
        SamplerState broken = math.newState(plan.build(), new int[] {0});
        SamplerState fine = math.newState(PlanBuilder.greedy().build(), new int[] {0})) {
      assertThatThrownBy(() -> math.pick(logits, List.of(broken)))
          .isInstanceOf(UnsupportedOperationException.class)
          .hasMessage("mine");
      assertThat(math.pick(logits, List.of(fine))).containsExactly(1);
    }
    Sampler.Custom custom =
        (row, context) -> {
          throw new UnsupportedOperationException("mine too");
        };
    assertThatThrownBy(() -> pick(PlanBuilder.of(custom), 1, 2)).hasMessage("mine too");
  }

  @Test
  void aCustomSamplerPicks() {
    Sampler.Custom smallest =
        (row, context) -> {
          int best = 0;
          for (int id = 0; id < row.length; id++) {
            best = row[id] < row[best] && row[id] > NEGATIVE_INFINITY ? id : best;
          }
          Arrays.fill(row, NEGATIVE_INFINITY); // its own copy
          return best;
        };
    assertThat(pick(PlanBuilder.of(smallest).banned(Set.of(1)), 3, 1, 2)).isEqualTo(2);
  }

  @Test
  void aCustomSamplersPickIsChecked() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> pick(PlanBuilder.of((Sampler.Custom) (row, c) -> 3), 3, 1, 2))
        .withMessageContaining("[0, 3)")
        .withMessageContaining("got 3");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> pick(PlanBuilder.of((Sampler.Custom) (row, c) -> -1), 3, 1, 2))
        .withMessageContaining("got -1");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> pick(PlanBuilder.of((Sampler.Custom) (row, c) -> 1).banned(Set.of(1)), 3, 1))
        .withMessageContaining("banned id 1");
  }
}
