package io.proxytune.core.sampling;

import static java.lang.Float.NEGATIVE_INFINITY;
import static java.lang.Float.NaN;
import static java.lang.Float.POSITIVE_INFINITY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import io.proxytune.Penalties;
import io.proxytune.TokenLogprobs.Alternative;
import io.proxytune.model.Logits;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

/** Fusion, log-probabilities, and what is refused. */
public abstract class FusionContract extends LogitMathContract {
  protected FusionContract(Backend backend) {
    super(backend);
  }

  @Test
  void fusesTheFormula() {
    assertThat(fuse(new float[] {1, 2}, IdRange.below(2), pair(2, 1, 0.5)).row(0))
        .containsExactly(1.5f, 2.5f);
    Logits fused =
        fuse(new float[] {1, 2}, IdRange.below(2), pair(2, 1, 0.5), pair(1, 3, -2), pair(9, 1, 0));
    assertThat(fused.row(0)).containsExactly(5.5f, 6.5f);
  }

  /** The sum, not each role: 30 tanh((20 + 2 · (30 − 10)) / 30). */
  @Test
  void bringsSumsWithinABound() {
    float[] base = {20, -3, NEGATIVE_INFINITY};
    Offset offset =
        new Offset(
            logits(new float[] {30, 1, 1}), logits(new float[] {10, 1, 0}), 2, IdRange.below(3));
    float[] fused =
        math.fuse(logits(base), List.of(offset), IdRange.below(3), OptionalDouble.of(30)).row(0);
    assertThat(fused[0]).isCloseTo((float) (30 * Math.tanh(2)), within(1e-5f));
    assertThat(fused[1]).isCloseTo((float) (30 * Math.tanh(-0.1)), within(1e-5f));
    assertThat(fused[2]).isEqualTo(NEGATIVE_INFINITY);
  }

  /** Two rows of one value each are enough where only the formula matters. */
  private Offset pair(float expert, float antiExpert, double alpha) {
    return new Offset(
        logits(new float[] {expert, expert}),
        logits(new float[] {antiExpert, antiExpert}),
        alpha,
        IdRange.below(2));
  }

  private Logits fuse(float[] base, IdRange emittable, Offset... offsets) {
    return math.fuse(logits(base), List.of(offsets), emittable);
  }

  @Test
  void reconcilesWidthsAndHoles() {
    IdRange shared = IdRange.of(BitSet.valueOf(new long[] {0b1011}));
    IdRange emittable = IdRange.of(BitSet.valueOf(new long[] {0b110111}));
    Offset offset =
        new Offset(
            logits(new float[] {1, 1, NaN, 1, 7, 7, 7, 7, 7}),
            logits(new float[] {0, 0, 0, 0, 7}),
            2,
            shared);
    assertThat(fuse(new float[] {0, 1, 2, NaN, 4, 5, NaN}, emittable, offset).row(0))
        .containsExactly(2, 3, 2, NEGATIVE_INFINITY, 4, 5, NEGATIVE_INFINITY);
    Offset wide =
        new Offset(logits(new float[] {1}), logits(new float[] {0, 9}), 1, IdRange.below(100));
    assertThat(fuse(new float[] {1, 1}, IdRange.below(100), wide).row(0)).containsExactly(2, 1);
    assertThat(fuse(new float[] {1, 1}, IdRange.below(0)).row(0)).containsOnly(NEGATIVE_INFINITY);
  }

  @Test
  void theSameModelInAllRolesGivesTheBaseExactly() {
    float[] base = {1.2345678f, -3.3e-7f, 8765.432f, NEGATIVE_INFINITY};
    for (double alpha : new double[] {1, -1, 0.3, 1e30, 1e300, -1e300}) {
      Offset same = new Offset(logits(base), logits(base), alpha, IdRange.below(4));
      assertThat(fuse(base, IdRange.below(4), same).row(0)).containsExactly(base);
    }
    Offset none =
        new Offset(
            logits(new float[] {NaN, POSITIVE_INFINITY, 1, 1}),
            logits(new float[4]),
            0,
            IdRange.below(4));
    assertThat(fuse(base, IdRange.below(4), none).row(0)).containsExactly(base);
  }

  @Test
  void infinitiesFollowTheRules() {
    float[] base = {NEGATIVE_INFINITY, NEGATIVE_INFINITY, 1, 1, 1, 1};
    float[] expert = {NEGATIVE_INFINITY, 5, NEGATIVE_INFINITY, NEGATIVE_INFINITY, 0, NaN};
    float[] antiExpert = {0, NEGATIVE_INFINITY, NEGATIVE_INFINITY, 0, NEGATIVE_INFINITY, 0};
    Offset offset = new Offset(logits(expert), logits(antiExpert), 1, IdRange.below(6));
    assertThat(fuse(base, IdRange.below(6), offset).row(0))
        .containsExactly(
            NEGATIVE_INFINITY, NEGATIVE_INFINITY, 1, NEGATIVE_INFINITY, POSITIVE_INFINITY, NaN);
    float[] twos = fill(6, 2);
    Logits other = math.fuse(logits(base, twos), List.of(), IdRange.below(6));
    assertThat(other.row(0)).containsExactly(base);
    assertThat(other.row(1)).containsExactly(twos);
  }

  private static float[] fill(int width, float value) {
    float[] row = new float[width];
    Arrays.fill(row, value);
    return row;
  }

  @Test
  void hugeAlphasMeetInFloat64() {
    Offset up = pair(2, 1, 1e300);
    Offset down = pair(1, 2, 1e300);
    assertThat(fuse(new float[] {1, 2}, IdRange.below(2), up, down).row(0)).containsOnly(0);
  }

  @Test
  void offsetsMustHaveTheBasesRows() {
    Offset offset =
        new Offset(logits(fill(2, 1), fill(2, 1)), logits(fill(2, 1)), 1, IdRange.below(2));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> fuse(fill(2, 0), IdRange.below(2), offset))
        .withMessageContaining("expert of pair 0 has 2 rows, the base has 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> pair(1, 1, Double.NaN))
        .withMessageContaining("alpha");
  }

  @Test
  void logprobsAreNormalised() {
    float[] row = {0, (float) Math.log(3), NEGATIVE_INFINITY};
    try (Logits logits = logits(row, row, row, row)) {
      double[] logprobs = math.logprobs(logits, new int[] {0, 1, 2, 3});
      assertThat(logprobs[0]).isCloseTo(Math.log(0.25), within(1e-7));
      assertThat(logprobs[1]).isCloseTo(Math.log(0.75), within(1e-7));
      assertThat(logprobs[2]).isEqualTo(Double.NEGATIVE_INFINITY);
      assertThat(logprobs[3]).isEqualTo(Double.NEGATIVE_INFINITY);
    }
  }

  @Test
  void topIsSortedWithTiesToTheLowerId() {
    float[] row = {1, 3, 3, NEGATIVE_INFINITY, 2};
    try (Logits logits = logits(row, row)) {
      List<Alternative> top = math.top(logits, 3).get(1);
      assertThat(top).extracting(Alternative::id).containsExactly(1, 2, 4);
      double[] logprobs = math.logprobs(logits, new int[] {1, 4});
      assertThat(top.get(0).logprob()).isCloseTo(logprobs[0], within(1e-9));
      assertThat(top.get(2).logprob()).isCloseTo(logprobs[1], within(1e-9));
      assertThat(math.top(logits, 0)).containsExactly(List.of(), List.of());
      assertThat(math.top(logits, 9).get(0)).hasSize(4);
    }
  }

  @Test
  void wrongArgumentsAreRefused() {
    SamplerState state = math.newState(PlanBuilder.greedy().build(), new int[] {0});
    SamplerState foreign = backend.newMath().newState(PlanBuilder.greedy().build(), new int[] {0});
    try (Logits logits = logits(new float[] {1, 2})) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> math.pick(logits, List.of(state, state)))
          .withMessageContaining("1 rows and 2 states");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> math.pick(logits, List.of(foreign)))
          .withMessageContaining("not made by this");
      assertThatIllegalArgumentException().isThrownBy(() -> math.logprobs(logits, new int[] {-1}));
      assertThatIllegalArgumentException().isThrownBy(() -> math.logprobs(logits, new int[2]));
      assertThatIllegalArgumentException().isThrownBy(() -> math.top(logits, -1));
      assertThatIllegalArgumentException().isThrownBy(() -> state.append(-1));
      assertThatIllegalArgumentException().isThrownBy(() -> state.truncate(1));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> pick(PlanBuilder.greedy().bias(Map.of(2, 1.0)), 1, 2))
          .withMessageContaining("id 2 has no logit");
      assertThatIllegalArgumentException()
          .isThrownBy(
              () ->
                  math.pick(
                      logits,
                      List.of(
                          math.newState(
                              PlanBuilder.greedy().penalties(new Penalties(2, 0, 0)).build(),
                              new int[] {2}))))
          .withMessageContaining("id 2 has no logit");
    }
  }

  @Test
  void closedStatesAndLogitsAreRefused() {
    SamplerState state =
        math.newState(PlanBuilder.greedy().penalties(new Penalties(2, 0, 0)).build(), new int[1]);
    Logits logits = logits(new float[] {1, 2});
    math.pick(logits, List.of(state));
    state.close();
    state.close();
    assertThatIllegalStateException().isThrownBy(() -> math.pick(logits, List.of(state)));
    assertThatIllegalStateException().isThrownBy(() -> state.append(1));
    assertThatIllegalStateException().isThrownBy(() -> state.truncate(0));
    logits.close();
    logits.close();
    SamplerState open = math.newState(PlanBuilder.greedy().build(), new int[1]);
    assertThatIllegalStateException().isThrownBy(() -> math.pick(logits, List.of(open)));
    assertThatIllegalStateException()
        .isThrownBy(() -> math.fuse(logits, List.of(), IdRange.below(2)));
    assertThatIllegalStateException().isThrownBy(() -> math.logprobs(logits, new int[1]));
    assertThatIllegalStateException().isThrownBy(() -> math.top(logits, 1));
  }
}
