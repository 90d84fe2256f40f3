package io.proxytune.core.speculation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RecentMedianTest {
  @Test
  void neitherAPauseNorTheFirstTimeIsTypical() {
    RecentMedian median = new RecentMedian();
    assertThat(median.count()).isZero();
    median.add(900);
    assertThat(median.value()).isEqualTo(900);
    median.add(100);
    assertThat(median.value()).as("the lower of two").isEqualTo(100);
    median.add(110);
    median.add(5000);
    assertThat(median.value()).isEqualTo(110);
    assertThat(median.count()).isEqualTo(4);
  }

  @Test
  void whatIsTypicalFollowsTheLatestFive() {
    RecentMedian median = new RecentMedian();
    for (int i = 0; i < 9; i++) {
      median.add(100);
    }
    RecentMedian copy = median.copy();
    for (int i = 0; i < 3; i++) {
      assertThat(median.value()).isEqualTo(100);
      median.add(200);
    }
    assertThat(median.value()).isEqualTo(200);
    assertThat(copy.value()).isEqualTo(100);
  }

  @Test
  void whatWasBeforeCanBeForgotten() {
    RecentMedian median = new RecentMedian();
    for (int i = 0; i < 5; i++) {
      median.add(900);
    }
    median.restart(100);
    assertThat(median.value()).isEqualTo(100);
    assertThat(median.count()).isEqualTo(2);
    median.add(300);
    assertThat(median.value()).isEqualTo(100);
  }
}
