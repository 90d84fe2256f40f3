package io.proxytune.examples.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Intervals against published values. */
class ProportionTest {
  /** Newcombe, Statistics in Medicine 17 (1998) 857–872, table I, method 3. */
  @ParameterizedTest
  @CsvSource({
    "81, 263, 0.2553, 0.3662",
    "15, 148, 0.0624, 0.1605",
    "0, 20, 0.0000, 0.1611",
    "1, 29, 0.0061, 0.1718"
  })
  void wilsonAsPublished(int successes, int total, double low, double high) {
    Interval interval = new Proportion(successes, total).wilson();
    assertThat(interval.low()).isCloseTo(low, within(5e-5));
    assertThat(interval.high()).isCloseTo(high, within(5e-5));
  }

  /** Newcombe, Statistics in Medicine 17 (1998) 873–890, table II, method 10. */
  @ParameterizedTest
  @CsvSource({
    "56, 70, 48, 80, 0.0524, 0.3339",
    "9, 10, 3, 10, 0.1705, 0.8090",
    "5, 56, 0, 29, -0.0381, 0.1926",
    "0, 10, 0, 10, -0.2775, 0.2775",
    "10, 10, 0, 10, 0.6075, 1.0000"
  })
  void differenceAsPublished(int a, int ofA, int b, int ofB, double low, double high) {
    Interval interval = new Proportion(a, ofA).minus(new Proportion(b, ofB));
    assertThat(interval.low()).isCloseTo(low, within(5e-5));
    assertThat(interval.high()).isCloseTo(high, within(5e-5));
  }

  @Test
  void allAndNoneAreMirrored() {
    Interval none = new Proportion(0, 7).wilson();
    Interval all = new Proportion(7, 7).wilson();
    assertThat(none.low()).isZero();
    assertThat(all.high()).isEqualTo(1);
    assertThat(all.low()).isCloseTo(1 - none.high(), within(1e-12));
  }

  @Test
  void impossibleCountsAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Proportion(3, 2))
        .withMessage("successes must be in [0, 2], got 3");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Proportion(0, 0))
        .withMessage("total must be >= 1, got 0");
    assertThatIllegalArgumentException().isThrownBy(() -> new Interval(1, 0));
  }
}
