package io.proxytune.core.speculation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class MovingAverageTest {
  @Test
  void averageBeginsWithAGuessAndForgetsSlowly() {
    MovingAverage average = new MovingAverage(0.5, 1, 0.25);
    average.add(1);
    assertThat(average.value()).isEqualTo(0.75);
    average.add(0);
    assertThat(average.value()).isCloseTo(0.5, within(1e-12));
    average.add(0);
    average.add(1);
    assertThat(average.value()).isCloseTo(0.375 + 0.25 * 0.625, within(1e-12));
  }

  @Test
  void copiesGoTheirOwnWays() {
    MovingAverage average = new MovingAverage(0, 1, 0.5);
    MovingAverage copy = average.copy();
    copy.add(1);
    assertThat(average.value()).isZero();
    assertThat(copy.value()).isEqualTo(0.5);
  }
}
