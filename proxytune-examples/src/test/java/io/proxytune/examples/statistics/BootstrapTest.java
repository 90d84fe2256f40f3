package io.proxytune.examples.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class BootstrapTest {
  private static double mean(int[] chosen, int ones) {
    return Arrays.stream(chosen).filter(index -> index < ones).count() / (double) chosen.length;
  }

  /** A resampled mean of 0 and 1 is binomial, whose normal approximation is known. */
  @Test
  void theMeanOfManyItemsHasItsClosedForm() {
    Interval interval =
        new Bootstrap(1, 4000).interval(List.of(400), chosen -> mean(chosen[0], 100)).orElseThrow();
    double reach = 1.96 * Math.sqrt(0.25 * 0.75 / 400);
    assertThat(interval.low()).isCloseTo(0.25 - reach, within(0.005));
    assertThat(interval.high()).isCloseTo(0.25 + reach, within(0.005));
  }

  @Test
  void theSameSeedGivesTheSameInterval() {
    Bootstrap one = new Bootstrap(7, 200);
    assertThat(one.interval(List.of(20), it -> mean(it[0], 9)))
        .isEqualTo(one.interval(List.of(20), it -> mean(it[0], 9)))
        .isNotEqualTo(new Bootstrap(8, 200).interval(List.of(20), it -> mean(it[0], 9)));
  }

  @Test
  void groupsAreResampledByThemselves() {
    Interval interval =
        new Bootstrap(1, 50)
            .interval(List.of(3, 5), it -> it[0].length * 10.0 + it[1].length)
            .orElseThrow();
    assertThat(interval).isEqualTo(new Interval(35, 35));
  }

  @Test
  void whatIsNotDefinedIsLeftOut() {
    Bootstrap bootstrap = new Bootstrap(1, 50);
    assertThat(bootstrap.interval(List.of(2), it -> Double.NaN)).isEmpty();
    assertThat(bootstrap.interval(List.of(2), it -> it[0][0] == 0 ? 4 : Double.NaN))
        .contains(new Interval(4, 4));
  }

  @Test
  void quantilesLieBetweenTheNearestValues() {
    double[] sorted = {1, 2, 4, 8};
    assertThat(Bootstrap.quantile(sorted, 0)).isEqualTo(1);
    assertThat(Bootstrap.quantile(sorted, 0.5)).isEqualTo(3);
    assertThat(Bootstrap.quantile(sorted, 1)).isEqualTo(8);
  }
}
