package io.proxytune.core.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.proxytune.Fusion;
import io.proxytune.Prompt;
import io.proxytune.Role;
import io.proxytune.TokenLogprobs;
import io.proxytune.core.ensemble.FakeModel;
import io.proxytune.core.tuner.DefaultProxyTuner;
import io.proxytune.core.tuner.TunerFixture;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Each preset against its paper's formula: the distribution of a token after (5, 6). */
class FusionPresetsTest {
  private static final int WIDTH = 40;
  private static final double NONE = Double.NEGATIVE_INFINITY;

  private final TunerFixture fixture = new TunerFixture();
  private final FakeModel base = FakeModel.hashed("base", 1);
  private final FakeModel other = FakeModel.hashed("other", 2);
  private final FakeModel third = FakeModel.hashed("third", 3);

  private final double[] b = row(1, 5, 6);
  private final double[] o = row(2, 5, 6);
  private final double[] t = row(3, 5, 6);

  @AfterEach
  void nothingStaysOpen() {
    fixture.assertNothingOpen();
  }

  private static double[] row(int seed, Integer... ids) {
    float[] row = FakeModel.hashedRow(List.of(ids), seed, WIDTH);
    return each(id -> row[id]);
  }

  private static double[] each(IntToDoubleFunction value) {
    return IntStream.range(0, WIDTH).mapToDouble(value).toArray();
  }

  private static double[] softmax(double[] row) {
    double total = IntStream.range(0, WIDTH).mapToDouble(id -> Math.exp(row[id])).sum();
    return each(id -> Math.exp(row[id]) / total);
  }

  private static Integer[] order(double[] row) {
    return IntStream.range(0, WIDTH)
        .boxed()
        .sorted(Comparator.comparingDouble(id -> -row[id]))
        .toArray(Integer[]::new);
  }

  private static double[] only(double[] row, IntPredicate kept) {
    return each(id -> kept.test(id) ? row[id] : NONE);
  }

  /** What is reported of each id in the place of the token after the prompt and some ids. */
  private double[] distribution(Fusion fusion, Prompt prompt, int... before) {
    try (DefaultProxyTuner tuner = fixture.fusion(fusion).tuner(base)) {
      int[] ids = IntStream.concat(IntStream.of(before), IntStream.of(0)).toArray();
      List<TokenLogprobs> reports = tuner.logprobs(prompt, ids, WIDTH);
      double[] probabilities = new double[WIDTH];
      reports
          .get(before.length)
          .top()
          .forEach(each -> probabilities[each.id()] = Math.exp(each.logprob()));
      return probabilities;
    }
  }

  private void assertIs(Fusion fusion, double[] logits) {
    assertThat(distribution(fusion, Prompt.ofIds(5, 6)))
        .containsExactly(softmax(logits), within(1e-6));
  }

  @Test
  void dexperts() {
    Integer[] order = order(b);
    BitSet nucleus = new BitSet();
    double mass = 0;
    for (int rank = 0; mass < 0.9; rank++) {
      nucleus.set(order[rank]);
      mass += softmax(b)[order[rank]];
    }
    double[] sum = each(id -> b[id] + 2 * (o[id] - t[id]));
    assertIs(Fusion.dexperts(other, third, 2), only(sum, nucleus::get));
    assertIs(Fusion.dexperts(other, third, 0), only(b, nucleus::get));
  }

  @Test
  void contrastive() {
    double least = 0.1 * softmax(b)[order(b)[0]];
    double[] scores = each(id -> Math.log(softmax(b)[id] / softmax(o)[id]));
    assertIs(Fusion.contrastive(other), only(scores, id -> softmax(b)[id] >= least));
  }

  @Test
  void contextAwareAndClassifierFree() {
    Prompt prompt = Prompt.of("the cat").withText(Role.ANTI_EXPERT, "cat");
    double[] with = row(1, ids("the cat"));
    double[] without = row(1, ids("cat"));
    double[] aware = each(id -> 1.5 * with[id] - 0.5 * without[id]);
    assertThat(distribution(Fusion.contextAware(base, 0.5), prompt))
        .containsExactly(softmax(aware), within(1e-6));
    double[] guided = each(id -> without[id] + 3 * (with[id] - without[id]));
    assertThat(distribution(Fusion.classifierFree(base, 3), prompt))
        .containsExactly(softmax(guided), within(1e-6));
    assertThat(distribution(Fusion.classifierFree(base, 1), prompt))
        .containsExactly(softmax(with), within(1e-6));
    assertThat(distribution(Fusion.contextAware(base, 0.5), Prompt.of("the cat")))
        .as("the same prompt in both places")
        .containsExactly(softmax(with), within(1e-6));
  }

  private Integer[] ids(String text) {
    return IntStream.of(base.tokenizer().orElseThrow().encode(text, true))
        .boxed()
        .toArray(Integer[]::new);
  }

  @Test
  void safeDecoding() {
    BitSet common = new BitSet();
    for (int k = 1; common.cardinality() < 5; k++) {
      common = new BitSet();
      for (int rank = 0; rank < k; rank++) {
        int id = order(b)[rank];
        if (List.of(order(o)).indexOf(id) < k) {
          common.set(id);
        }
      }
    }
    double[] p = softmax(b);
    double[] q = softmax(o);
    double[] sums = each(id -> Math.log(Math.max(0, p[id] + 3 * (q[id] - p[id]))));
    assertIs(Fusion.safeDecoding(base, other), only(sums, common::get));
    assertThat(distribution(Fusion.safeDecoding(base, other), Prompt.ofIds(5, 6), 7, 8))
        .as("the third token")
        .containsExactly(softmax(row(1, 5, 6, 7, 8)), within(1e-6));
  }

  @Test
  void realign() {
    assertIs(Fusion.realign(base, other, 0.3), each(id -> 0.7 * b[id] + 0.3 * o[id]));
    assertIs(Fusion.realign(base, other, 0), b);
    assertIs(Fusion.realign(base, other, 1), o);
  }

  @Test
  void mixture() {
    double[] p = softmax(b);
    double[] q = softmax(o);
    double[] r = softmax(t);
    assertIs(Fusion.mixture(base, other, 0.3), each(id -> Math.log(0.7 * p[id] + 0.3 * q[id])));
    assertIs(
        Fusion.mixture(base, other, 0.3).withPair(third, base, 0.2),
        each(id -> Math.log(0.5 * p[id] + 0.3 * q[id] + 0.2 * r[id])));
    assertIs(Fusion.mixture(base, other, 0), b);
    assertIs(Fusion.mixture(base, other, 1), o);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Fusion.mixture(base, other, 1.1))
        .withMessageContaining("a share must be in [0, 1], got 1.1");
  }

  @Test
  void unlearn() {
    assertIs(Fusion.unlearn(other, 0.8), each(id -> b[id] - 0.8 * o[id]));
    assertIs(Fusion.unlearn(other, 0), b);
  }

  @Test
  void emulatedFineTuning() {
    double[] sum = each(id -> b[id] + o[id] - t[id]);
    assertIs(Fusion.emulatedFineTuning(other, third), sum);
    assertIs(Fusion.proxyTuning().withPair(other, third, 1), sum);
    assertIs(Fusion.emulatedFineTuning(other, FakeModel.hashed("the same", 2)), b);
  }
}
