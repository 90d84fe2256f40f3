package io.proxytune.core.sampling;

import static java.lang.Float.NEGATIVE_INFINITY;
import static java.lang.Float.NaN;
import static java.lang.Float.POSITIVE_INFINITY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proxytune.ModelException;
import io.proxytune.Penalties;
import io.proxytune.Sampler;
import io.proxytune.StandardSampler;
import io.proxytune.model.Logits;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** How a token is picked, alone and in batches. */
public abstract class PickingContract extends LogitMathContract {
  protected PickingContract(Backend backend) {
    super(backend);
  }

  @Test
  void greedyPicksTheLargestAndTheLowestIdOnTies() {
    assertThat(pick(PlanBuilder.greedy(), 1, 3, 2)).isEqualTo(1);
    assertThat(pick(PlanBuilder.greedy(), 0, 2, 2, 2)).isEqualTo(1);
    assertThat(pick(PlanBuilder.greedy(), -0f, 0f)).isEqualTo(0);
    assertThat(pick(PlanBuilder.of(Sampler.topK(1).withTemperature(0)), 0, 2, 2)).isEqualTo(1);
    assertThat(pick(PlanBuilder.greedy(), NEGATIVE_INFINITY, -7)).isEqualTo(1);
  }

  static List<StandardSampler> samplers() {
    return List.of(
        Sampler.temperature(1),
        Sampler.temperature(0.6),
        Sampler.temperature(2.5),
        Sampler.topK(3),
        Sampler.topP(0.8),
        Sampler.minP(0.3),
        Sampler.typicalP(0.6),
        new StandardSampler(0.8, 6, 0.9, 0, 1),
        new StandardSampler(1.3, 0, 0.95, 0.2, 1),
        new StandardSampler(1.1, 7, 0.97, 0.1, 0.8));
  }

  @ParameterizedTest
  @MethodSource("samplers")
  void drawsFollowTheExactDistribution(StandardSampler sampler) {
    for (float[] row : List.of(PEAKED, new float[] {0.1f, 0, 0.3f, 0.2f}, fiveWithOneBanned())) {
      ChiSquare.assertFits(drawn(sampler, row), NaiveWarpers.probabilities(row, sampler));
    }
  }

  private static float[] fiveWithOneBanned() {
    return new float[] {0.5f, NEGATIVE_INFINITY, 1, -1, 0};
  }

  private long[] drawn(StandardSampler sampler, float[] row) {
    long[] counts = new long[row.length];
    try (Logits logits = logits(row);
        SamplerState state = math.newState(PlanBuilder.of(sampler).build(), new int[] {1})) {
      for (int i = 0; i < backend.draws(); i++) {
        counts[math.pick(logits, List.of(state))[0]]++;
        state.append(0);
      }
    }
    return counts;
  }

  @Test
  void theDrawDependsOnSeedAndPositionAlone() {
    PlanBuilder plan = PlanBuilder.of(Sampler.temperature(1)).seed(3);
    try (Logits logits = logits(PEAKED);
        SamplerState prompt = math.newState(plan.build(), new int[] {5, 6, 7, 1});
        SamplerState generated = math.newState(plan.build(), new int[] {0})) {
      for (int i = 0; i < 3; i++) {
        generated.append(2);
      }
      for (int i = 0; i < 50; i++) {
        assertThat(math.pick(logits, List.of(prompt)))
            .isEqualTo(math.pick(logits, List.of(generated)));
        prompt.append(1);
        generated.append(4);
      }
    }
  }

  @Test
  void paddingTheRowDoesNotChangeTheDraw() {
    float[] padded = Arrays.copyOf(PEAKED, 40);
    Arrays.fill(padded, PEAKED.length, padded.length, NEGATIVE_INFINITY);
    for (StandardSampler sampler : samplers()) {
      for (int seed = 0; seed < 20; seed++) {
        PlanBuilder plan = PlanBuilder.of(sampler).seed(seed);
        assertThat(pick(plan, padded)).isEqualTo(pick(plan, PEAKED));
      }
    }
  }

  @Test
  void aTokenMostLikelyByFarIsAlwaysDrawn() {
    assertThat(pick(PlanBuilder.of(Sampler.temperature(1)), 0, 60, 0)).isEqualTo(1);
    assertThat(pick(PlanBuilder.of(Sampler.temperature(1e-300)), 0, 1, 0.999f)).isEqualTo(1);
  }

  @Test
  void noRowsAreFine() {
    try (Logits none = Logits.of(3);
        Logits fused = math.fuse(none, List.of(), IdRange.below(2))) {
      assertThat(fused.rows()).isZero();
      assertThat(math.pick(fused, List.of())).isEmpty();
      assertThat(math.logprobs(fused, new int[0])).isEmpty();
      assertThat(math.top(fused, 1)).isEmpty();
    }
  }

  @Test
  void rowsOfABatchGetWhatTheyGetAlone() {
    List<PlanBuilder> plans =
        List.of(
            PlanBuilder.greedy(),
            PlanBuilder.greedy().penalties(new Penalties(1.5, 0.2, 0.1)),
            PlanBuilder.of(Sampler.topP(0.8)).seed(4),
            PlanBuilder.of(Sampler.temperature(1)).seed(5).bias(Map.of(3, 1.0)),
            PlanBuilder.of(Sampler.typicalP(0.5)).banned(Set.of(4)),
            PlanBuilder.of((Sampler.Custom) (row, c) -> 6),
            PlanBuilder.of(Sampler.minP(0.1)).processors((row, c) -> row[1] += 2));
    int[] prompt = {4, 4, 2};
    float[][] rows = IntStream.range(0, 7).mapToObj(i -> rotated(i)).toArray(float[][]::new);
    List<SamplerState> states =
        plans.stream().map(plan -> math.newState(plan.build(), prompt)).toList();
    int[] together;
    try (Logits batch = logits(rows)) {
      together = math.pick(batch, states);
    }
    for (int row = 0; row < rows.length; row++) {
      try (Logits alone = logits(rows[row])) {
        assertThat(math.pick(alone, List.of(states.get(row)))).containsExactly(together[row]);
      }
      states.get(row).close();
    }
  }

  private static float[] rotated(int by) {
    float[] row = new float[PEAKED.length];
    for (int id = 0; id < row.length; id++) {
      row[id] = PEAKED[(id + by) % row.length];
    }
    return row;
  }

  /** Rows are picked from in any order, and a row that nobody picks from may hold anything. */
  @Test
  void rowsThatArePickedFromLaterGiveWhatTheyGiveAlone() {
    SamplingPlan greedy = PlanBuilder.greedy().build();
    SamplingPlan warm = PlanBuilder.of(Sampler.temperature(2)).seed(9).build();
    float[] broken = {Float.NaN, 1, 2, 3, 4, 5, 6, 7};
    float[] other = {0, 3, 1, 0.5f, 2, 2.5f, -1, 0};
    try (Logits rows = logits(PEAKED, broken, other);
        RowPicks picks = math.picks(rows);
        SamplerState first = math.newState(greedy, new int[] {0});
        SamplerState second = math.newState(warm, new int[] {0})) {
      int drawn = pick(PlanBuilder.of(Sampler.temperature(2)).seed(9), PEAKED);
      assertThat(picks.pick(new int[] {2, 0}, List.of(first, second))).containsExactly(1, drawn);
      assertThat(picks.pick(new int[] {0}, List.of(first))).containsExactly(4);
      assertThatThrownBy(() -> picks.pick(new int[] {2, 1}, List.of(first, second)))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("row 1 of the fused logits");
    }
  }

  @Test
  void joinedRowsKeepTheirOrder() {
    try (Logits one = logits(PEAKED);
        Logits two = logits(new float[8], PEAKED);
        Logits joined = math.join(List.of(one, two, one))) {
      assertThat(joined.rows()).isEqualTo(4);
      assertThat(joined.width()).isEqualTo(8);
      assertThat(joined.row(0)).isEqualTo(PEAKED);
      assertThat(joined.row(1)).containsOnly(0);
      assertThat(joined.row(3)).isEqualTo(PEAKED);
    }
  }

  @Test
  void notANumberIsRefusedWithItsRowCountAndFirstId() {
    try (Logits logits = logits(new float[] {1, 2, 3}, new float[] {1, NaN, NaN});
        SamplerState one = math.newState(PlanBuilder.greedy().build(), new int[] {0});
        SamplerState two =
            math.newState(PlanBuilder.greedy().banned(Set.of(1, 2)).build(), new int[] {0})) {
      assertThatThrownBy(() -> math.pick(logits, List.of(one, two)))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("row 1 of the fused logits")
          .hasMessageContaining("2 of 3 values are NaN")
          .hasMessageContaining("NaN at id 1");
      assertThatThrownBy(() -> math.logprobs(logits, new int[] {0, 0}))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("row 1");
      assertThatThrownBy(() -> math.top(logits, 1)).isInstanceOf(ModelException.class);
    }
  }

  @Test
  void positiveInfinityIsRefused() {
    assertThatThrownBy(() -> pick(PlanBuilder.greedy(), 1, POSITIVE_INFINITY))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("1 are +∞")
        .hasMessageContaining("id 1");
  }

  @Test
  void aRowWithoutAnyTokenIsRefused() {
    assertThatThrownBy(() -> pick(PlanBuilder.greedy(), NEGATIVE_INFINITY, NEGATIVE_INFINITY))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("every token is banned");
    for (PlanBuilder plan :
        List.of(
            PlanBuilder.greedy().banned(Set.of(0, 1)),
            PlanBuilder.of(Sampler.topP(0.5)).banned(Set.of(0)).minNewTokens(1, Set.of(1)),
            PlanBuilder.of((Sampler.Custom) (row, c) -> 0).banned(Set.of(0, 1)),
            PlanBuilder.greedy().processors((row, c) -> Arrays.fill(row, NEGATIVE_INFINITY)))) {
      assertThatThrownBy(() -> pick(plan, 1, 2))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("every token is banned");
    }
  }

  @Test
  void theEndsOfTheRangesPickATokenThatMayBePicked() {
    float[][] rows = {
      {1, 5, 2, NEGATIVE_INFINITY, 4.5f},
      {-3e38f, 3e38f, 0, 1, NEGATIVE_INFINITY},
      {NEGATIVE_INFINITY, -3e38f, NEGATIVE_INFINITY, NEGATIVE_INFINITY, -3e38f}
    };
    double below = Math.nextDown(1.0);
    for (float[] row : rows) {
      for (double temperature :
          new double[] {Double.MIN_VALUE, 1e-300, 1e-30, 1, 1e30, 1e300, Double.MAX_VALUE}) {
        for (StandardSampler sampler :
            List.of(
                Sampler.temperature(temperature),
                Sampler.topP(Double.MIN_VALUE).withTemperature(temperature),
                Sampler.topP(below).withTemperature(temperature),
                Sampler.typicalP(Double.MIN_VALUE).withTemperature(temperature),
                Sampler.typicalP(below).withTemperature(temperature),
                Sampler.minP(Double.MIN_VALUE).withTemperature(temperature),
                Sampler.minP(1).withTemperature(temperature),
                Sampler.topK(Integer.MAX_VALUE).withTemperature(temperature))) {
          int id = pick(PlanBuilder.of(sampler).seed(3), row);
          assertThat(row[id]).as("%s of %s", sampler, row).isGreaterThan(NEGATIVE_INFINITY);
          if (temperature < 1e-20 && row[1] > row[4]) {
            assertThat(id).as("%s of %s", sampler, row).isEqualTo(1);
          }
        }
      }
    }
  }
}
