package io.proxytune.core.sampling;

import static io.proxytune.Fusion.Space.LOGITS;
import static io.proxytune.Fusion.Space.LOG_PROBABILITIES;
import static io.proxytune.Fusion.Space.PROBABILITIES;
import static java.lang.Float.NEGATIVE_INFINITY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.proxytune.CandidateSet;
import io.proxytune.Fusion.Space;
import io.proxytune.core.sampling.Blend.Source;
import io.proxytune.core.sampling.Blend.Term;
import io.proxytune.model.Logits;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Spaces and strengths, against formulas of a few lines. */
public abstract class BlendContract extends BlendMathContract {
  protected BlendContract(Backend backend) {
    super(backend);
  }

  @ParameterizedTest
  @EnumSource(Space.class)
  void fusesTheFormula(Space space) {
    float[] base = row();
    float[] expert = row();
    float[] antiExpert = row();
    float[] other = row();
    Blend blend =
        blend(
            space,
            CandidateSet.all(),
            source(base),
            pair(source(expert), source(antiExpert), 0.3),
            alone(source(other), -0.2));
    double[] b = x(space, base);
    double[] e = x(space, expert);
    double[] a = x(space, antiExpert);
    double[] o = x(space, other);
    float[] fused = fuse(blend, 0.7);
    for (int id = 0; id < WIDTH; id++) {
      double sum = b[id] + 0.7 * (0.3 * (e[id] - a[id]) - 0.2 * o[id]);
      double expected = space == PROBABILITIES ? Math.log(Math.max(0, sum)) : sum;
      assertThat((double) fused[id]).as("id %s", id).isCloseTo(expected, within(2e-6 * 30));
    }
  }

  @ParameterizedTest
  @EnumSource(Space.class)
  void strengthZeroAndEqualModelsLeaveTheBase(Space space) {
    float[] base = row();
    Source model = source(row());
    Blend equal = blend(space, CandidateSet.all(), source(base), pair(model, model, 2));
    Blend steered = blend(space, CandidateSet.topK(1), source(base), alone(model, -2));
    assertThat(fuse(steered, 0)).containsExactly(base);
    assertSameDistribution(fuse(equal, 3), base);
  }

  /** Weights (1, 0) of a mixture are the base, (0, 1) the other. */
  @ParameterizedTest
  @EnumSource(Space.class)
  void aMixtureEndsAtEitherModel(Space space) {
    float[] base = row();
    float[] other = row();
    Source baseRows = source(base);
    Term toOther = pair(source(other), baseRows, 1);
    assertSameDistribution(fuse(blend(space, CandidateSet.all(), baseRows, toOther), 1), other);
    assertSameDistribution(fuse(blend(space, CandidateSet.all(), baseRows, toOther), 0), base);
    assertSameDistribution(fuse(blend(space, CandidateSet.all(), baseRows), 1), base);
  }

  private static void assertSameDistribution(float[] actual, float[] expected) {
    assertThat(x(PROBABILITIES, actual)).containsExactly(x(PROBABILITIES, expected), within(1e-6));
  }

  @Test
  void eachRowHasItsOwnStrength() {
    float[][] base = {row(), row(), row(), row()};
    float[][] expert = {row(), row(), row(), row()};
    Blend blend =
        blend(LOGITS, CandidateSet.all(), source(base), pair(source(expert), source(base), 1));
    try (Logits fused = math.fuse(blend, new double[] {0, 1, -0.5, 0})) {
      assertThat(fused.row(0)).containsExactly(base[0]);
      assertThat(fused.row(1)).containsExactly(expert[1], within(1e-6f));
      for (int id = 0; id < WIDTH; id++) {
        assertThat(fused.row(2)[id])
            .isCloseTo(1.5f * base[2][id] - 0.5f * expert[2][id], within(1e-5f));
      }
      assertThat(fused.row(3)).containsExactly(base[3]);
    }
  }

  /** Ids that a model lacks: no offset of a pair, probability 0 of a source alone. */
  @Test
  void reconcilesWidthsAndHoles() {
    IdRange shared = IdRange.of(BitSet.valueOf(new long[] {0b1101}));
    IdRange emittable = IdRange.of(BitSet.valueOf(new long[] {0b101111}));
    float[] base = {1, 1, 1, 1, 1, 1, 1};
    Source rows = source(base);
    Source expert = source(new float[] {2, 2, 2, 2, 2});
    Source antiExpert = source(new float[] {1, 1, 1});
    Term pair = new Term(expert, Optional.of(antiExpert), 1, shared);
    float none = NEGATIVE_INFINITY;
    assertThat(fuse(new Blend(rows, List.of(pair), LOGITS, CandidateSet.all(), emittable), 1))
        .containsExactly(2, 1, 2, 1, none, 1, none);
    for (Space space : List.of(LOGITS, LOG_PROBABILITIES, PROBABILITIES)) {
      Term towards = new Term(expert, Optional.empty(), 1, shared);
      Term away = new Term(expert, Optional.empty(), -0.1, shared);
      boolean[] lacking = {false, true, false, false, true, true, true};
      float[] up = fuse(new Blend(rows, List.of(towards), space, CandidateSet.all(), emittable), 1);
      float[] down = fuse(new Blend(rows, List.of(away), space, CandidateSet.all(), emittable), 1);
      float[] plain = fuse(new Blend(rows, List.of(), space, CandidateSet.all(), emittable), 1);
      for (int id : new int[] {1, 5}) {
        assertThat(lacking[id]).isTrue();
        assertThat(up[id]).isEqualTo(space == PROBABILITIES ? plain[id] : none);
        assertThat(down[id]).as("id %s in %s", id, space).isEqualTo(plain[id]);
      }
      assertThat(kept(down)).containsExactly(0, 1, 2, 3, 5);
    }
  }

  @Test
  void infinitiesFollowTheRules() {
    float none = NEGATIVE_INFINITY;
    Source base = source(new float[] {none, 1, 1, 1});
    Source expert = source(new float[] {5, none, none, 2});
    Source antiExpert = source(new float[] {1, none, 1, 1});
    IdRange ids = IdRange.below(4);
    for (Space space : Space.values()) {
      Term pair = new Term(expert, Optional.of(antiExpert), 1, ids);
      float[] fused = fuse(new Blend(base, List.of(pair), space, CandidateSet.all(), ids), 1);
      assertThat(fused[0]).as("%s", space).isEqualTo(none);
      assertThat(fused[1]).isFinite();
      if (space != PROBABILITIES) {
        assertThat(fused[2]).isEqualTo(none);
      }
      Term away = new Term(expert, Optional.empty(), -1, ids);
      assertThat(fuse(new Blend(base, List.of(away), space, CandidateSet.all(), ids), 1)[1])
          .isFinite();
    }
  }

  /** In logits the sum is bounded, in the other spaces each row. */
  @Test
  void bringsRowsWithinTheirBounds() {
    OptionalDouble cap = OptionalDouble.of(4);
    float[] base = row();
    float[] expert = row();
    Source capped = new Source(logits(base), cap);
    Term term = alone(new Source(logits(expert), OptionalDouble.of(2)), 0.5);
    float[] sums = fuse(blend(LOGITS, CandidateSet.all(), capped, term), 1);
    float[] logs = fuse(blend(LOG_PROBABILITIES, CandidateSet.all(), capped, term), 1);
    double[] b = x(LOG_PROBABILITIES, bounded(base, 4));
    double[] e = x(LOG_PROBABILITIES, bounded(expert, 2));
    for (int id = 0; id < WIDTH; id++) {
      double sum = base[id] + 0.5 * expert[id];
      assertThat((double) sums[id]).isCloseTo(4 * Math.tanh(sum / 4), within(1e-5));
      assertThat((double) logs[id]).isCloseTo(b[id] + 0.5 * e[id], within(1e-5));
    }
  }

  private static float[] bounded(float[] row, double cap) {
    float[] bounded = row.clone();
    for (int id = 0; id < row.length; id++) {
      bounded[id] = (float) (cap * Math.tanh(row[id] / cap));
    }
    return bounded;
  }

  private static double divergence(double[] of, double[] from) {
    return IntStream.range(0, of.length)
        .mapToDouble(id -> of[id] * Math.log(of[id] / from[id]))
        .sum();
  }

  /** At the strength found, the fused distribution is as far off as the expert's. */
  @Test
  void matchesTheShiftOfThePair() {
    for (int trial = 0; trial < 20; trial++) {
      float[] base = row();
      float[] antiExpert = row();
      float[] expert = antiExpert.clone();
      for (int id = 0; id < WIDTH; id++) {
        expert[id] += (float) random.nextGaussian() / 2;
      }
      double weight = trial % 2 == 0 ? 1 : -0.5;
      Space space = trial % 3 == 0 ? LOG_PROBABILITIES : LOGITS;
      Term term = pair(source(expert), source(antiExpert), weight);
      Blend blend = blend(space, CandidateSet.all(), source(base), term);
      double strength = math.matchedStrengths(blend, 50)[0];
      double[] p = x(PROBABILITIES, base);
      double expected = divergence(x(PROBABILITIES, expert), x(PROBABILITIES, antiExpert));
      float[] fused = fuse(blend, strength);
      assertThat(divergence(x(PROBABILITIES, fused), p)).isCloseTo(expected, within(1e-4));
      double least = math.matchedStrengths(blend, strength / 2)[0];
      assertThat(least).as("the largest strength").isEqualTo(strength / 2);
    }
  }

  /** Where base and anti-expert are one model, the shift is the expert's own. */
  @Test
  void matchesTheShiftExactlyWhereTheBaseIsTheAntiExpert() {
    Source base = source(row(), row());
    Source expert = source(row(), row());
    Blend same = blend(LOGITS, CandidateSet.all(), base, pair(base, base, 1));
    Blend own = blend(LOGITS, CandidateSet.all(), base, pair(expert, base, 1));
    assertThat(math.matchedStrengths(same, 2)).containsExactly(0, 0);
    assertThat(math.matchedStrengths(own, 2)).containsExactly(new double[] {1, 1}, within(1e-9));
    IdRange some = IdRange.of(BitSet.valueOf(new long[] {0b11101110111}));
    Term shared = new Term(expert, Optional.of(base), 1, some);
    Blend partly = new Blend(base, List.of(shared), LOGITS, CandidateSet.all(), some);
    assertThat(math.matchedStrengths(partly, 2)).containsExactly(new double[] {1, 1}, within(1e-9));
  }

  @Test
  void saysHowCertainRowsAre() {
    float none = NEGATIVE_INFINITY;
    Certainty even = math.certainties(logits(new float[] {2, 2, none, 2, 2})).get(0);
    assertThat(even.entropy()).isCloseTo(Math.log(4), within(1e-12));
    assertThat(even.topProbability()).isCloseTo(0.25, within(1e-12));
    float[] row = row();
    double[] p = x(PROBABILITIES, row);
    Certainty other = math.certainties(logits(row(), row)).get(1);
    assertThat(other.entropy())
        .isCloseTo(-Arrays.stream(p).map(each -> each * Math.log(each)).sum(), within(1e-9));
    assertThat(other.topProbability())
        .isCloseTo(Arrays.stream(p).max().orElseThrow(), within(1e-9));
    Certainty spoilt = math.certainties(logits(new float[] {1, Float.NaN})).get(0);
    assertThat(spoilt.entropy()).isNaN();
  }

  @Test
  void aRowWithNaNStaysUnusable() {
    float[] spoilt = row();
    spoilt[7] = Float.NaN;
    for (Space space : Space.values()) {
      for (CandidateSet set :
          List.of(CandidateSet.all(), CandidateSet.topK(3), CandidateSet.inBothTop(3))) {
        float[] ofBase = fuse(blend(space, set, source(spoilt), alone(source(row()), 1)), 1);
        assertThat(RowChecks.isUsable(RowChecks.largest(ofBase))).isFalse();
      }
    }
  }

  @Test
  void wrongBlendsAreRefused() {
    Source one = source(row());
    Source two = source(row(), row());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> blend(LOGITS, CandidateSet.all(), one, alone(two, 1)))
        .withMessageContaining("2 rows, the base has 1");
    Blend blend = blend(LOGITS, CandidateSet.all(), one);
    assertThatIllegalArgumentException().isThrownBy(() -> math.fuse(blend, new double[2]));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> math.fuse(blend, new double[] {Double.NaN}));
    assertThatIllegalArgumentException().isThrownBy(() -> alone(one, Double.POSITIVE_INFINITY));
  }
}
