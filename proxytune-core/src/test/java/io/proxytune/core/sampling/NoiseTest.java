package io.proxytune.core.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.function.IntPredicate;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class NoiseTest {
  private static final int SAMPLES = 200_000;
  private static final long PINNED_KEY = 3454618561189201622L;
  private static final long PINNED_BITS_0 = -9077457767782623709L;
  private static final long PINNED_BITS_1 = -2453431908568299L;
  private static final double EULER = 0.5772156649015329;

  @Test
  void gumbelHasItsMeanAndVarianceAlongEveryAxis() {
    assertGumbel(i -> Noise.gumbel(1, 2, i));
    assertGumbel(i -> Noise.gumbel(1, i, 2));
    assertGumbel(i -> Noise.gumbel(i, 1, 2));
  }

  private static void assertGumbel(IntToDoubleFunction noise) {
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < SAMPLES; i++) {
      double value = noise.applyAsDouble(i);
      sum += value;
      squares += value * value;
    }
    double mean = sum / SAMPLES;
    assertThat(mean).isCloseTo(EULER, within(0.012)); // 4 standard errors
    assertThat(squares / SAMPLES - mean * mean).isCloseTo(Math.PI * Math.PI / 6, within(0.035));
  }

  @Test
  void neighboursAreNotCorrelated() {
    assertUncorrelated(i -> Noise.gumbel(1, 2, i), i -> Noise.gumbel(1, 2, i + 1));
    assertUncorrelated(i -> Noise.gumbel(1, 2, i), i -> Noise.gumbel(1, 3, i));
    assertUncorrelated(i -> Noise.gumbel(1, 2, i), i -> Noise.gumbel(2, 2, i));
    assertUncorrelated(i -> Noise.gumbel(1, i, 7), i -> Noise.gumbel(1, i + 1, 7));
    assertUncorrelated(i -> Noise.gumbel(i, 3, 7), i -> Noise.gumbel(i + 1L, 3, 7));
    assertUncorrelated(i -> Noise.gumbel(1, i, 7), i -> Noise.gumbel(1, 7, i));
  }

  private static void assertUncorrelated(IntToDoubleFunction a, IntToDoubleFunction b) {
    double sum = 0;
    for (int i = 0; i < SAMPLES; i++) {
      sum += (a.applyAsDouble(i) - EULER) * (b.applyAsDouble(i) - EULER);
    }
    double correlation = sum / SAMPLES / (Math.PI * Math.PI / 6);
    assertThat(correlation).isCloseTo(0, within(4.5 / Math.sqrt(SAMPLES)));
  }

  @Test
  void everyBitIsFair() {
    int[] ones = new int[Long.SIZE];
    for (int id = 0; id < SAMPLES; id++) {
      long bits = Noise.bits(Noise.key(5, 6), id);
      for (int bit = 0; bit < Long.SIZE; bit++) {
        ones[bit] += (int) (bits >>> bit & 1);
      }
    }
    for (int count : ones) {
      assertThat((double) count / SAMPLES).isCloseTo(0.5, within(4.5 / 2 / Math.sqrt(SAMPLES)));
    }
  }

  @Test
  void theLargestOfEquallyLikelyTokensIsUniform() {
    long[] wins = new long[8];
    for (int position = 0; position < 40_000; position++) {
      int best = 0;
      for (int id = 1; id < wins.length; id++) {
        best = Noise.gumbel(9, position, id) > Noise.gumbel(9, position, best) ? id : best;
      }
      wins[best]++;
    }
    double[] uniform = new double[8];
    Arrays.fill(uniform, 1.0 / 8);
    ChiSquare.assertFits(wins, uniform);
  }

  @Test
  void theUniformNumberIsNeverZeroOrOne() {
    assertThat(Noise.uniform(0)).isEqualTo(0x1p-53);
    assertThat(Noise.uniform(-1)).isEqualTo(1 - 0x1p-53);
    assertThat(-Math.log(-Math.log(Noise.uniform(0)))).isBetween(-3.61, -3.6);
    assertThat(-Math.log(-Math.log(Noise.uniform(-1)))).isBetween(36.7, 36.74);
  }

  @Test
  void loudIdsAreThoseWithSoLargeANoise() {
    int width = 20_000;
    for (long key : new long[] {0, -1, PINNED_KEY}) {
      for (double least : new double[] {-3.7, -3, -1, 0, 1.5, 6, 9, Noise.gumbel(key, 77)}) {
        int[] loud = Noise.loudIds(key, width, least);
        int[] expected = ids(width, id -> Noise.gumbel(key, id) >= least);
        int[] nearly = ids(width, id -> Noise.gumbel(key, id) >= least - 1e-6);
        assertThat(loud.length).as("at least %s", least).isBetween(expected.length, nearly.length);
        assertThat(union(loud, expected)).as("at least %s", least).isEqualTo(loud);
        assertThat(union(nearly, loud)).as("at least %s", least).isEqualTo(nearly);
      }
    }
  }

  private static int[] union(int[] some, int[] others) {
    return IntStream.concat(Arrays.stream(some), Arrays.stream(others))
        .sorted()
        .distinct()
        .toArray();
  }

  private static int[] ids(int width, IntPredicate test) {
    return IntStream.range(0, width).filter(test).toArray();
  }

  @Test
  void noNoiseIsLouderThanTheLoudest() {
    assertThat(Noise.loudIds(1, 100_000, 36.8)).isEmpty();
    assertThat(Noise.loudIds(1, 100_000, Double.POSITIVE_INFINITY)).isEmpty();
    assertThat(Noise.loudIds(1, 100, -3.61)).hasSize(100);
    assertThat(Noise.loudIds(1, 100, Double.NEGATIVE_INFINITY)).hasSize(100);
    assertThat(Noise.loudIds(1, 0, 0)).isEmpty();
  }

  /** The same seed must give the same text in every version: these values may not change. */
  @Test
  void theBitsArePinned() {
    assertThat(Noise.key(0, 0)).isEqualTo(PINNED_KEY);
    assertThat(Noise.bits(PINNED_KEY, 0)).isEqualTo(PINNED_BITS_0);
    assertThat(Noise.bits(Noise.key(-1, Integer.MAX_VALUE), 151_935)).isEqualTo(PINNED_BITS_1);
  }
}
