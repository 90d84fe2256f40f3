package io.proxytune.core.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScaleTest {
  @ParameterizedTest
  @ValueSource(doubles = {5, -5, 0, 1e-40, 3e38})
  void findsTheSmallestLogitThatPasses(double largest) {
    Scale scale = new Scale((float) largest, 0.7);
    for (double score : new double[] {0, -1e-30, -1e-6, -1, -50, -1e30}) {
      float least = scale.leastLogit(s -> s >= score);
      assertThat(scale.score(least)).isGreaterThanOrEqualTo(score);
      assertThat(scale.score(Math.nextDown(least))).isLessThan(score);
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {1e-300, 1, 1e300})
  void allFiniteLogitsMayPassAndNoMoreThanTheLargestMustFail(double temperature) {
    Scale scale = new Scale(2, temperature);
    assertThat(scale.leastLogit(score -> true)).isEqualTo(-Float.MAX_VALUE);
    assertThat(scale.leastLogit(score -> score >= 0)).isLessThanOrEqualTo(2);
  }
}
