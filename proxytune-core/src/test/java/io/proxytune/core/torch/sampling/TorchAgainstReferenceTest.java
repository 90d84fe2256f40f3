package io.proxytune.core.torch.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.proxytune.LogitsProcessor;
import io.proxytune.ModelException;
import io.proxytune.Penalties;
import io.proxytune.Sampler;
import io.proxytune.StandardSampler;
import io.proxytune.TokenConstraints;
import io.proxytune.TokenLogprobs.Alternative;
import io.proxytune.core.sampling.IdRange;
import io.proxytune.core.sampling.Offset;
import io.proxytune.core.sampling.PlanBuilder;
import io.proxytune.core.sampling.ReferenceLogitMath;
import io.proxytune.core.sampling.SamplerState;
import io.proxytune.core.sampling.SamplingPlan;
import io.proxytune.core.torch.TorchLogits;
import io.proxytune.core.torch.TorchScope;
import io.proxytune.model.Logits;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The implementation over LibTorch against the definition, on random rows and plans. */
@Tag("slow")
@Tag("processor")
class TorchAgainstReferenceTest {
  private static final List<ScalarType> TYPES =
      List.of(ScalarType.Float, ScalarType.BFloat16, ScalarType.Half);

  private static final LogitsProcessor[] NONE = {};
  private static final int[] PROMPT = {1, 2, 3};

  private final ReferenceLogitMath reference = new ReferenceLogitMath();
  private final TorchLogitMath math = new TorchLogitMath();

  private static TorchLogits random(Random random, int rows, int width, double spread) {
    float[][] values = new float[rows][width];
    for (float[] row : values) {
      for (int id = 0; id < width; id++) {
        row[id] = (float) (random.nextGaussian() * spread);
      }
    }
    ScalarType type = TYPES.get(random.nextInt(TYPES.size()));
    try (TorchScope scope = TorchScope.open()) {
      return new TorchLogits(HeapTensors.upload(Logits.of(width, values)).to(type));
    }
  }

  private static Logits heap(Logits logits) {
    float[][] rows =
        IntStream.range(0, logits.rows()).mapToObj(logits::row).toArray(float[][]::new);
    return Logits.of(logits.width(), rows);
  }

  /** As short as the list of likeliest tokens, longer, and longer than what any filter lists. */
  @ParameterizedTest
  @ValueSource(ints = {5, 300, 1500, 9000})
  void picksTheSameIds(int width) {
    Random random = new Random(width);
    for (int trial = 0; trial < 60; trial++) {
      PlanBuilder plan = randomPlan(random, width);
      int[] prompt = random.ints(4, 0, width).toArray();
      try (SamplerState expected = reference.newState(plan.build(), prompt);
          SamplerState actual = math.newState(plan.build(), prompt)) {
        for (int step = 0; step < 4; step++) {
          int id = assertSamePick(random, width, expected, actual, trial);
          expected.append(id);
          actual.append(id);
        }
        expected.truncate(1);
        actual.truncate(1);
        assertSamePick(random, width, expected, actual, trial);
      }
    }
  }

  private int assertSamePick(
      Random random, int width, SamplerState expected, SamplerState actual, int trial) {
    double spread = new double[] {0.01, 1, 4}[random.nextInt(3)];
    try (TorchLogits logits = random(random, 1, width, spread)) {
      int id;
      try {
        id = reference.pick(heap(logits), List.of(expected))[0];
      } catch (ModelException everyIdIsBanned) {
        assertThatThrownBy(() -> math.pick(logits, List.of(actual)))
            .hasMessage(everyIdIsBanned.getMessage());
        return 0;
      }
      assertThat(math.pick(logits, List.of(actual))).as("trial %s", trial).containsExactly(id);
      return id;
    }
  }

  private static PlanBuilder randomPlan(Random random, int width) {
    PlanBuilder plan = PlanBuilder.of(randomSampler(random, width)).seed(random.nextLong());
    if (random.nextBoolean()) {
      plan.penalties(
          new Penalties(
              0.5 + random.nextDouble(), random.nextGaussian() / 4, random.nextGaussian() / 4));
    }
    if (random.nextBoolean()) {
      Map<Integer, Double> bias = new HashMap<>();
      random.ints(3, 0, width).forEach(id -> bias.put(id, random.nextGaussian() * 3));
      plan.bias(bias);
    }
    if (random.nextBoolean()) {
      plan.banned(Set.of(random.nextInt(width), width + 3));
    }
    if (random.nextBoolean()) {
      plan.constraints(randomConstraints(random, width)).maxNewTokens(1 + random.nextInt(4));
    }
    if (random.nextInt(4) == 0) {
      plan.processors((row, context) -> row[0] -= 1 + context.position());
    }
    return plan.minNewTokens(random.nextInt(3), Set.of(random.nextInt(width)));
  }

  private static TokenConstraints randomConstraints(Random random, int width) {
    return TokenConstraints.NONE
        .withBannedSequences(List.of(List.of(random.nextInt(width)), List.of(width + 1)))
        .withBannedAtBegin(Set.of(random.nextInt(width), width))
        .withNoRepeatNgramSize(random.nextInt(3))
        .withForcedEndIds(random.nextBoolean() ? Set.of() : Set.of(0, 1, width + 2));
  }

  private static StandardSampler randomSampler(Random random, int width) {
    return new StandardSampler(
        random.nextInt(5) == 0 ? 0 : 0.3 + 1.5 * random.nextDouble(),
        random.nextInt(3) > 0 ? 0 : 1 + random.nextInt(width + 10),
        random.nextBoolean() ? 1 : 1 - 0.99 * random.nextDouble(),
        random.nextBoolean() ? 0 : 0.3 * random.nextDouble(),
        random.nextInt(3) > 0 ? 1 : 1 - 0.99 * random.nextDouble());
  }

  @Test
  void aWholeRowOfTiesIsCutAtTheSameIds() {
    float[] row = new float[5000];
    for (int i = 0; i < 5000; i++) {
      row[i] = i % 7 == 0 ? 1 : 0;
    }
    for (StandardSampler sampler :
        List.of(Sampler.topK(3), Sampler.topP(0.01), Sampler.minP(0.9), Sampler.typicalP(0.2))) {
      for (int seed = 0; seed < 20; seed++) {
        try (Logits logits = Logits.of(row.length, row);
            SamplerState expected =
                reference.newState(PlanBuilder.of(sampler).seed(seed).build(), new int[0]);
            SamplerState actual =
                math.newState(PlanBuilder.of(sampler).seed(seed).build(), new int[0])) {
          assertThat(math.pick(logits, List.of(actual)))
              .containsExactly(reference.pick(logits, List.of(expected)));
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Rows.class)
  void picksTheSameIdsOfALargeVocabulary(Rows rows) {
    Random random = new Random(21);
    try (Logits logits = Logits.of(151_936, rows.make(151_936, random))) {
      for (StandardSampler sampler :
          List.of(
              Sampler.temperature(1),
              Sampler.temperature(0.01),
              Sampler.temperature(50),
              Sampler.topP(0.9),
              Sampler.minP(0.01),
              Sampler.typicalP(0.8),
              new StandardSampler(1.2, 3000, 0.95, 0.001, 1))) {
        assertSamePicks(logits, sampler, 4);
      }
    }
  }

  private void assertSamePicks(Logits logits, StandardSampler sampler, int seeds) {
    for (int seed = 0; seed < seeds; seed++) {
      SamplingPlan plan = PlanBuilder.of(sampler).seed(seed).build();
      try (SamplerState expected = reference.newState(plan, new int[0]);
          SamplerState actual = math.newState(plan, new int[0])) {
        assertThat(math.pick(logits, List.of(actual)))
            .as("%s, seed %s", sampler, seed)
            .containsExactly(reference.pick(logits, List.of(expected)));
      }
    }
  }

  @Test
  void rowsArePickedFromTogetherAsAlone() {
    Random random = new Random(22);
    int width = 300_000; // so that they do not all fit into one go
    float[][] rows = new float[9][];
    List<SamplerState> states = new ArrayList<>();
    for (int row = 0; row < rows.length; row++) {
      rows[row] = Rows.FLAT.make(width, random);
      PlanBuilder plan = PlanBuilder.of(randomSampler(random, width)).seed(row);
      plan.processors(row == 3 ? new LogitsProcessor[] {(values, c) -> values[5] = 9} : NONE);
      states.add(math.newState(plan.banned(row % 2 == 0 ? Set.of() : Set.of(7)).build(), PROMPT));
    }
    try (Logits together = Logits.of(width, rows)) {
      int[] ids = math.pick(together, states);
      for (int row = 0; row < rows.length; row++) {
        try (Logits alone = Logits.of(width, rows[row])) {
          assertThat(math.pick(alone, List.of(states.get(row)))).containsExactly(ids[row]);
        }
      }
    }
    states.forEach(SamplerState::close);
  }

  @ParameterizedTest
  @EnumSource(Rows.class)
  void listsTheSameLikeliestTokens(Rows rows) {
    Random random = new Random(23);
    for (int width : new int[] {3, 400, 9001}) {
      try (Logits logits = Logits.of(width, rows.make(width, random), rows.make(width, random))) {
        for (int count : new int[] {0, 1, 5, 300, Integer.MAX_VALUE}) {
          assertThat(ids(math.top(logits, count)))
              .as("%s of %s", count, width)
              .isEqualTo(ids(reference.top(logits, count)));
        }
      }
    }
  }

  private static List<List<Integer>> ids(List<List<Alternative>> top) {
    return top.stream().map(row -> row.stream().map(Alternative::id).toList()).toList();
  }

  @Test
  void fusesTheFormulaOfFloat64() {
    Random random = new Random(3);
    for (int trial = 0; trial < 100; trial++) {
      int width = 20 + random.nextInt(500);
      IdRange shared = randomIds(random, width);
      IdRange emittable = randomIds(random, width);
      OptionalDouble cap = trial % 2 == 0 ? OptionalDouble.empty() : OptionalDouble.of(4);
      try (TorchLogits base = random(random, 3, width, 3);
          TorchLogits expert = random(random, 3, width + random.nextInt(20) - 10, 2);
          TorchLogits antiExpert = random(random, 3, width + random.nextInt(20) - 10, 2);
          Logits fused =
              math.fuse(
                  base,
                  List.of(
                      new Offset(expert, antiExpert, 1.3, shared),
                      new Offset(antiExpert, heap(expert), -0.4, shared)),
                  emittable,
                  cap)) {
        Logits expected =
            reference.fuse(
                heap(base),
                List.of(
                    new Offset(heap(expert), heap(antiExpert), 1.3, shared),
                    new Offset(heap(antiExpert), heap(expert), -0.4, shared)),
                emittable,
                cap);
        for (int row = 0; row < 3; row++) {
          assertThat(fused.row(row)).containsExactly(expected.row(row), within(4e-6f));
        }
      }
    }
  }

  private static IdRange randomIds(Random random, int width) {
    if (random.nextBoolean()) {
      return IdRange.below(width - 10 + random.nextInt(20));
    }
    BitSet ids = new BitSet();
    ids.set(0, width - random.nextInt(10));
    random.ints(4, 0, width).forEach(ids::clear);
    return IdRange.of(ids);
  }

  @Test
  void aRowIsFusedTheSameInABatchAndAlone() {
    Random random = new Random(8);
    for (double alpha : new double[] {1, 0.7, -1.9}) {
      try (TorchLogits base = random(random, 5, 3003, 3);
          TorchLogits expert = random(random, 5, 3001, 2);
          TorchLogits antiExpert = random(random, 5, 3011, 2)) {
        IdRange ids = IdRange.below(2999);
        Logits batch = math.fuse(base, List.of(new Offset(expert, antiExpert, alpha, ids)), ids);
        for (int row = 0; row < 5; row++) {
          Offset offset = new Offset(only(expert, row), only(antiExpert, row), alpha, ids);
          Logits alone = math.fuse(only(base, row), List.of(offset), ids);
          assertThat(alone.row(0)).containsExactly(batch.row(row));
        }
      }
    }
  }

  private static TorchLogits only(TorchLogits logits, int row) {
    try (TorchScope scope = TorchScope.open()) {
      Tensor copy = logits.tensor().narrow(0, row, 1).clone();
      return new TorchLogits(copy);
    }
  }

  @Test
  void theSameModelThriceGivesTheBaseBitForBit() {
    Random random = new Random(4);
    for (ScalarType type : TYPES) {
      try (TorchLogits model = random(random, 2, 1237, 5);
          TorchLogits typed = cast(model, type)) {
        IdRange ids = IdRange.below(1237);
        for (double alpha : new double[] {1, -2.7, 1e200, 0}) {
          Offset same = new Offset(typed, typed, alpha, ids);
          Logits fused = math.fuse(typed, List.of(same, same), ids);
          assertThat(fused.row(0)).containsExactly(typed.row(0));
          assertThat(fused.row(1)).containsExactly(typed.row(1));
        }
      }
    }
  }

  private static TorchLogits cast(TorchLogits logits, ScalarType type) {
    try (TorchScope scope = TorchScope.open()) {
      return new TorchLogits(logits.tensor().to(type));
    }
  }

  @Test
  void logprobsAndTopAgree() {
    Random random = new Random(6);
    for (int width : new int[] {3, 400, 7000}) {
      try (TorchLogits logits = random(random, 4, width, 3)) {
        int[] ids = random.ints(4, 0, width + 1).toArray();
        double[] expected = reference.logprobs(heap(logits), ids);
        assertThat(math.logprobs(logits, ids)).containsExactly(expected, within(1e-9));
        for (int count : new int[] {1, 5, 255, 5000}) {
          assertSameTop(math.top(logits, count), reference.top(heap(logits), count));
        }
      }
    }
  }

  private static void assertSameTop(
      List<List<Alternative>> actual, List<List<Alternative>> expected) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int row = 0; row < actual.size(); row++) {
      assertThat(actual.get(row))
          .usingElementComparator(
              (a, b) -> a.id() == b.id() && Math.abs(a.logprob() - b.logprob()) < 1e-9 ? 0 : 1)
          .containsExactlyElementsOf(expected.get(row));
    }
  }

  @Test
  void logprobsOfManyRowsAreComputedInParts() {
    Random random = new Random(9);
    try (TorchLogits logits = random(random, 300, 9001, 3)) {
      int[] ids = random.ints(300, 0, 9001).toArray();
      double[] expected = reference.logprobs(heap(logits), ids);
      assertThat(math.logprobs(logits, ids)).containsExactly(expected, within(1e-9));
    }
  }
}
