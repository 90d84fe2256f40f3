package io.proxytune.core.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.proxytune.core.sampling.IdRange;
import io.proxytune.core.sampling.Offset;
import io.proxytune.core.sampling.ReferenceLogitMath;
import io.proxytune.model.Logits;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What is certified of rows of which only the likeliest ids are known. */
class CertifiedTest {
  private static final int WIDTH = 24;
  private static final int ROWS = 100_000;
  private static final int BATCH = 1000;

  private final Random random = new Random(20);

  /** As a server would show it: the likeliest, in float32. */
  private static Row shown(double[] logprobs, int count) throws MalformedAnswerException {
    Row row = new Row(logprobs.length);
    List<Integer> likeliest =
        IntStream.range(0, logprobs.length)
            .boxed()
            .sorted(Comparator.comparingDouble(id -> -(float) logprobs[id]))
            .limit(count)
            .toList();
    for (int id : likeliest) {
      row.put(id, (float) logprobs[id]);
    }
    return row;
  }

  private static float[] floats(double[] values) {
    float[] floats = new float[values.length];
    IntStream.range(0, values.length).forEach(i -> floats[i] = (float) values[i]);
    return floats;
  }

  /** From flat to sharp, with ties and with ids that never come. */
  private float[] randomRow() {
    float scale = new float[] {0.1f, 1, 3, 10}[random.nextInt(4)];
    boolean coarse = random.nextInt(4) == 0;
    float[] row = new float[WIDTH];
    for (int id = 0; id < WIDTH; id++) {
      float value = (float) random.nextGaussian() * scale;
      row[id] = coarse ? Math.round(value) : value;
      if (random.nextInt(50) == 0) {
        row[id] = Float.NEGATIVE_INFINITY;
      }
    }
    row[random.nextInt(WIDTH)] = 0;
    return row;
  }

  private float[] finite(float[] row) {
    for (int id = 0; id < WIDTH; id++) {
      row[id] = Math.max(row[id], -100);
    }
    return row;
  }

  private static int best(float[] row) {
    int best = 0;
    for (int id = 1; id < row.length; id++) {
      best = row[id] > row[best] ? id : best;
    }
    return best;
  }

  /** Of all rows, fused in float32 as a step does; ties go to the lower id, as when picking. */
  @Test
  void whatIsCertifiedIsTheBestOfAllIds() throws MalformedAnswerException {
    int certified = 0;
    for (int batch = 0; batch < ROWS / BATCH; batch++) {
      float[][] whole = new float[BATCH][];
      float[][] bounded = new float[BATCH][];
      float[][] experts = new float[BATCH][];
      float[][] antiExperts = new float[BATCH][];
      Row[] rows = new Row[BATCH];
      for (int i = 0; i < BATCH; i++) {
        double[] logprobs = FakeLlamaServer.logprobs(randomRow());
        rows[i] = shown(logprobs, 1 + random.nextInt(WIDTH));
        whole[i] = floats(logprobs);
        bounded[i] = rows[i].bounded();
        experts[i] = finite(randomRow());
        antiExperts[i] = finite(randomRow());
      }
      double alpha = List.of(0.3, 1.0, -1.0, 4.0).get(batch % 4);
      float[][] right = fused(whole, experts, antiExperts, alpha);
      float[][] bounds = fused(bounded, experts, antiExperts, alpha);
      for (int i = 0; i < BATCH; i++) {
        int best = best(bounds[i]);
        if (!Float.isNaN(rows[i].values()[best])) {
          certified++;
          assertThat(best).isEqualTo(best(right[i]));
        }
      }
    }
    assertThat(certified).isBetween(ROWS / 4, ROWS * 9 / 10); // neither always nor never
  }

  private static float[][] fused(
      float[][] base, float[][] experts, float[][] antiExperts, double alpha) {
    Offset offset =
        new Offset(
            Logits.of(WIDTH, experts), Logits.of(WIDTH, antiExperts), alpha, IdRange.below(WIDTH));
    try (Logits fused =
        new ReferenceLogitMath()
            .fuse(Logits.of(WIDTH, base), List.of(offset), IdRange.below(WIDTH))) {
      return IntStream.range(0, base.length).mapToObj(fused::row).toArray(float[][]::new);
    }
  }

  /** Of {@code log(0.5), log(0.25), log(0.15), log(0.1)} two are shown: a quarter is left. */
  @Test
  void noOtherIsLikelierThanTheLastOneShownOrThanAllThatIsLeft() throws MalformedAnswerException {
    double[] row = {Math.log(0.15), Math.log(0.5), Math.log(0.1), Math.log(0.25)};
    Bound two = shown(row, 2).bound();
    assertThat(two.missing()).isCloseTo(0.25, within(1e-6));
    assertThat(two.logprob()).isCloseTo(Math.log(0.25), within(1e-6));
    Bound three = shown(row, 3).bound();
    assertThat(three.missing()).isCloseTo(0.1, within(1e-6));
    assertThat(three.logprob()).isCloseTo(Math.log(0.1), within(2e-3)); // less than the last, 0.15
    Bound all = shown(row, 4).bound();
    assertThat(all.missing()).isCloseTo(0, within(1e-6));
    assertThat(shown(new double[] {0, -50, -60}, 1).bound().logprob())
        .isCloseTo(Math.log(1e-4), within(1e-3)); // what float32 leaves open
  }

  /** A token that is shown and is no id known here may be any of the others. */
  @Test
  void anUnmappedTokenLiftsTheBound() throws MalformedAnswerException {
    Row row = shown(new double[] {Math.log(0.5), Math.log(0.1), Math.log(0.05)}, 2);
    row.putUnmapped("?", Math.log(0.3));
    assertThat(row.bound().logprob()).isCloseTo(Math.log(0.3), within(1e-6));
    assertThat(row.bound().missing()).isCloseTo(0.1, within(1e-6));
  }
}
