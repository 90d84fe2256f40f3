package io.proxytune.core.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.proxytune.Sampler;
import io.proxytune.StandardSampler;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FiltersTest {
  private static final float BANNED = Float.NEGATIVE_INFINITY;

  @Test
  void topKKeepsTiesWithTheLast() {
    float[] row = {1, 3, 2, 2, 0, 2};
    assertThat(kept(row, Sampler.topK(1))).containsExactly(1);
    assertThat(kept(row, Sampler.topK(2))).containsExactly(1, 2, 3, 5);
    assertThat(kept(row, Sampler.topK(4))).containsExactly(1, 2, 3, 5);
    assertThat(kept(row, Sampler.topK(5))).containsExactly(1, 2, 3, 5, 0);
    assertThat(kept(row, Sampler.topK(100))).containsExactly(1, 2, 3, 5, 0, 4);
  }

  @Test
  void topPKeepsTheFewestThatReachIt() {
    float[] row = logs(0.5, 0.25, 0.125, 0.125);
    assertThat(kept(row, Sampler.topP(1e-9))).containsExactly(0);
    assertThat(kept(row, Sampler.topP(0.49))).containsExactly(0);
    assertThat(kept(row, Sampler.topP(0.51))).containsExactly(0, 1);
    assertThat(kept(row, Sampler.topP(0.8))).containsExactly(0, 1, 2); // a tie: the lower id
    assertThat(kept(row, Sampler.topP(0.9))).containsExactly(0, 1, 2, 3);
    assertThat(kept(row, Sampler.topP(1))).containsExactly(0, 1, 2, 3);
  }

  /** Whatever is rounded on the way: the k-th of n equal tokens is the one that reaches k/n. */
  @Test
  void topPOfEqualTokensKeepsExactlyTheirShare() {
    for (int n : new int[] {3, 10, 49, 1000}) {
      for (int k = 1; k < n; k++) {
        assertThat(kept(new float[n], Sampler.topP((double) k / n))).as("%s/%s", k, n).hasSize(k);
      }
    }
  }

  @Test
  void minPComparesWithTheLikeliest() {
    float[] row = logs(0.5, 0.25, 0.2, 0.05);
    assertThat(kept(row, Sampler.minP(0))).containsExactly(0, 1, 2, 3);
    assertThat(kept(row, Sampler.minP(0.11))).containsExactly(0, 1, 2);
    assertThat(kept(row, Sampler.minP(0.45))).containsExactly(0, 1);
    assertThat(kept(row, Sampler.minP(1))).containsExactly(0);
    assertThat(kept(new float[] {2, 2, 1}, Sampler.minP(1))).containsExactly(0, 1);
  }

  @Test
  void typicalPMayDropTheLikeliest() {
    // Entropy 1.96 nats; the likeliest token's surprise is 1.2, the others' is 2.3.
    float[] row = logs(0.3, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1);
    assertThat(kept(row, Sampler.typicalP(0.05))).containsExactly(1, 2, 3, 4, 5, 6, 7);
    assertThat(kept(row, Sampler.typicalP(0.9))).hasSize(8);
    float[] flat = {0, 0, 0};
    assertThat(kept(flat, Sampler.typicalP(0.01))).containsExactly(0, 1, 2);
  }

  @Test
  void bannedTokensAreNeverCandidates() {
    float[] row = {BANNED, 1, BANNED, 0};
    for (StandardSampler sampler :
        new StandardSampler[] {
          Sampler.topK(4), Sampler.topP(0.999), Sampler.minP(1e-9), Sampler.typicalP(0.999)
        }) {
      assertThat(kept(row, sampler)).isNotEmpty().doesNotContain(0, 2);
    }
  }

  @Test
  void aSingleTokenSurvivesEverything() {
    float[] row = {BANNED, BANNED, -5};
    StandardSampler strict = new StandardSampler(1e-300, 1, 1e-300, 1, 1e-300);
    assertThat(kept(row, strict)).containsExactly(2);
  }

  @Test
  void extremeTemperaturesNeitherOverflowNorDivide() {
    float[] row = {3e38f, 1, -3e38f};
    assertThat(kept(row, Sampler.temperature(1e-300).withTopP(0.9))).containsExactly(0);
    assertThat(kept(row, Sampler.temperature(1e-300).withTypicalP(0.9))).contains(0);
    assertThat(kept(row, Sampler.temperature(1e300).withTopP(0.9))).containsExactly(0, 1, 2);
  }

  @Test
  void signedZerosTie() {
    assertThat(kept(new float[] {-0f, 0f, -1}, Sampler.topK(1))).containsExactly(0, 1);
  }

  @Test
  void filtersAgreeWithMasksOverWholeRows() {
    Random random = new Random(11);
    for (int trial = 0; trial < 3000; trial++) {
      float[] row = randomRow(random);
      StandardSampler sampler = randomSampler(random);
      double[] expected = NaiveWarpers.probabilities(row, sampler);
      double[] actual = new double[row.length];
      Candidates kept = candidates(row, sampler);
      for (int rank = 0; rank < kept.size(); rank++) {
        actual[kept.id(rank)] = Math.exp(kept.logprob(rank));
      }
      for (int id = 0; id < row.length; id++) {
        assertThat(actual[id]).as("%s id %s", sampler, id).isCloseTo(expected[id], within(1e-9));
      }
    }
  }

  private static float[] randomRow(Random random) {
    float[] row = new float[2 + random.nextInt(60)];
    double spread = 0.1 + 5 * random.nextDouble();
    for (int id = 0; id < row.length; id++) {
      row[id] =
          random.nextInt(8) == 0 && id > 0 ? BANNED : (float) (random.nextGaussian() * spread);
    }
    return row;
  }

  static StandardSampler randomSampler(Random random) {
    return new StandardSampler(
        0.3 + random.nextDouble() * 1.5,
        random.nextBoolean() ? 0 : 1 + random.nextInt(30),
        random.nextBoolean() ? 1 : 1 - 0.99 * random.nextDouble(),
        random.nextBoolean() ? 0 : random.nextDouble() * 0.3,
        random.nextBoolean() ? 1 : 1 - 0.99 * random.nextDouble());
  }

  private static float[] logs(double... probabilities) {
    float[] row = new float[probabilities.length];
    for (int id = 0; id < row.length; id++) {
      row[id] = (float) Math.log(probabilities[id]);
    }
    return row;
  }

  private static Candidates candidates(float[] row, StandardSampler sampler) {
    Scale scale = new Scale(RowChecks.largest(row), sampler.temperature());
    return Filters.apply(Candidates.ofRow(row, scale), sampler);
  }

  private static int[] kept(float[] row, StandardSampler sampler) {
    Candidates kept = candidates(row, sampler);
    return IntStream.range(0, kept.size()).map(kept::id).toArray();
  }
}
