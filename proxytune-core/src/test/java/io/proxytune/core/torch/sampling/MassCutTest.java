package io.proxytune.core.torch.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.core.torch.TorchScope;
import io.proxytune.model.Logits;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("processor")
class MassCutTest {
  /** Integer masses: their sums are exact, so that nothing has to be forgiven. */
  @Tag("slow")
  @ParameterizedTest
  @ValueSource(doubles = {1e-20, 0.5, 32, 1e20, Double.POSITIVE_INFINITY})
  void findsTheKeyThatASortedSumFinds(double span) {
    Random random = new Random(5);
    for (int trial = 0; trial < 60; trial++) {
      float[] keys = keys(random, 1 + random.nextInt(5000));
      float[] masses = masses(keys);
      double total = IntStream.range(0, keys.length).mapToDouble(i -> masses[i]).sum();
      for (double target : new double[] {0, 1, Math.rint(total / 3), total, total + 5}) {
        assertThat(find(keys, masses, target, span))
            .as("trial %s, %s of %s", trial, target, total)
            .isEqualTo(expected(keys, masses, target));
      }
    }
  }

  private static float[] keys(Random random, int count) {
    double spread = new double[] {1e-30, 1, 1e4, 1e30}[random.nextInt(4)];
    int levels = random.nextBoolean() ? 5 : 1 << 20;
    float[] keys = new float[count];
    for (int i = 0; i < count; i++) {
      keys[i] = (float) (spread * random.nextInt(levels));
    }
    return keys;
  }

  /** From 0 to 2, the same for equal keys; not all 0. */
  private static float[] masses(float[] keys) {
    float[] masses = new float[keys.length];
    for (int i = 0; i < keys.length; i++) {
      masses[i] = keys[i] == keys[0] ? 1 : Math.floorMod(Float.hashCode(keys[i]), 31) % 3;
    }
    return masses;
  }

  private static MassCut find(float[] keys, float[] masses, double target, double span) {
    try (TorchScope scope = TorchScope.open()) {
      Tensor both = HeapTensors.upload(Logits.of(keys.length, keys, masses));
      Tensor doubles = both.select(0, 1).to(ScalarType.Double);
      return MassCut.find(both.select(0, 0), doubles, target, 0, span);
    }
  }

  private static MassCut expected(float[] keys, float[] masses, double target) {
    TreeMap<Double, Integer> ids = new TreeMap<>();
    TreeMap<Double, Double> sums = new TreeMap<>();
    for (int i = 0; i < keys.length; i++) {
      if (masses[i] > 0) {
        ids.merge((double) keys[i], 1, Integer::sum);
        sums.merge((double) keys[i], (double) masses[i], Double::sum);
      }
    }
    double before = 0;
    for (double key : sums.keySet()) {
      if (before + sums.get(key) >= target || key == sums.lastKey()) {
        return new MassCut(key, before, sums.get(key), ids.get(key));
      }
      before += sums.get(key);
    }
    throw new AssertionError("no key has a mass");
  }

  @Test
  void asManyTiesAreNeededAsReachTheMass() {
    MassCut cut = new MassCut(1, 10, 6, 3);
    assertThat(cut.needed(9)).isEqualTo(1);
    assertThat(cut.needed(12)).isEqualTo(1);
    assertThat(cut.needed(12.1)).isEqualTo(2);
    assertThat(cut.needed(16)).isEqualTo(3);
    assertThat(cut.needed(99)).isEqualTo(3);
  }
}
