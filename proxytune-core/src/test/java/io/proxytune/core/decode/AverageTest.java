package io.proxytune.core.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class AverageTest {
  @Test
  void averageBeginsWithAGuessAndForgetsSlowly() {
    Average average = new Average(0.5, 1, 0.25);
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
    Average average = new Average(0, 1, 0.5);
    Average copy = average.copy();
    copy.add(1);
    assertThat(average.value()).isZero();
    assertThat(copy.value()).isEqualTo(0.5);
  }

  @Test
  void neitherAPauseNorTheFirstTimeIsTypical() {
    Typical typical = new Typical();
    assertThat(typical.count()).isZero();
    typical.add(900);
    assertThat(typical.value()).isEqualTo(900);
    typical.add(100);
    assertThat(typical.value()).as("the lower of two").isEqualTo(100);
    typical.add(110);
    typical.add(5000);
    assertThat(typical.value()).isEqualTo(110);
    assertThat(typical.count()).isEqualTo(4);
  }

  @Test
  void whatIsTypicalFollowsTheLatestFive() {
    Typical typical = new Typical();
    for (int i = 0; i < 9; i++) {
      typical.add(100);
    }
    Typical copy = typical.copy();
    for (int i = 0; i < 3; i++) {
      assertThat(typical.value()).isEqualTo(100);
      typical.add(200);
    }
    assertThat(typical.value()).isEqualTo(200);
    assertThat(copy.value()).isEqualTo(100);
  }
}
