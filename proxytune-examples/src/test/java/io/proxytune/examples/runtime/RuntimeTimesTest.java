package io.proxytune.examples.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.proxytune.examples.runtime.RuntimeTimes.Ratio;
import io.proxytune.examples.statistics.Bootstrap;
import io.proxytune.examples.statistics.Interval;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RuntimeTimesTest {
  private static RuntimeTimes times(Double... seconds) {
    return new RuntimeTimes(List.of(seconds), 0, 0);
  }

  private static Ratio ratio(RuntimeTimes one, RuntimeTimes other) {
    return one.dividedBy(other, Bootstrap.standard());
  }

  @Test
  void aRatioIsOfMeans() {
    Ratio ratio = ratio(times(2.0, 4.0, 9.0), times(1.0, 4.0, 1.0));
    assertThat(ratio.value()).isCloseTo(2.5, within(1e-12));
    assertThat(ratio.lowest()).isEqualTo(1.0);
    assertThat(ratio.highest()).isEqualTo(9.0);
  }

  @Test
  void fewTrialsGiveNoInterval() {
    List<Double> nine = Collections.nCopies(9, 2.0);
    assertThat(ratio(new RuntimeTimes(nine, 0, 0), new RuntimeTimes(nine, 0, 0)).interval())
        .isEmpty();
  }

  /** A machine that slows down weighs on both systems alike, since trials are paired. */
  @Test
  void pairedTrialsForgiveASlowMachine() {
    Random random = new Random(3);
    List<Double> machine = IntStream.range(0, 40).mapToObj(i -> 1 + random.nextDouble()).toList();
    RuntimeTimes base = new RuntimeTimes(machine, 0, 0);
    RuntimeTimes twice = new RuntimeTimes(machine.stream().map(it -> 2 * it).toList(), 0, 0);
    assertThat(ratio(twice, base).interval())
        .hasValueSatisfying(
            it -> {
              assertThat(it.low()).isCloseTo(2, within(1e-9));
              assertThat(it.high()).isCloseTo(2, within(1e-9));
            });
  }

  /** Of a hundred experiments whose ratio is 1.5, about 95 have it within their interval. */
  @Test
  void anIntervalHoldsTheTrueRatioAboutAsOftenAsItSays() {
    Random random = new Random(7);
    int held = 0;
    for (int experiment = 0; experiment < 100; experiment++) {
      List<Double> base =
          IntStream.range(0, 30).mapToObj(i -> 1 + 0.2 * random.nextGaussian()).toList();
      List<Double> slow =
          IntStream.range(0, 30).mapToObj(i -> 1.5 + 0.3 * random.nextGaussian()).toList();
      Interval interval =
          new RuntimeTimes(slow, 0, 0)
              .dividedBy(new RuntimeTimes(base, 0, 0), new Bootstrap(1, 400))
              .interval()
              .orElseThrow();
      held += interval.low() <= 1.5 && 1.5 <= interval.high() ? 1 : 0;
    }
    assertThat(held).isBetween(86, 100);
  }

  @Test
  void settingsAreReadAndRefused() {
    assertThat(RuntimeSetting.parse("8:512")).isEqualTo(new RuntimeSetting(8, 512));
    assertThat(new RuntimeSetting(8, 512)).hasToString("8:512");
  }

  @ParameterizedTest
  @ValueSource(strings = {"8", "8:", ":8", "0:8", "8:0", "8:-1", "a:b", "8:99999999"})
  void whatIsNoSettingIsRefused(String text) {
    assertThatThrownBy(() -> RuntimeSetting.parse(text))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
