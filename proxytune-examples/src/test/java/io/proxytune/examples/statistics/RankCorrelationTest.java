package io.proxytune.examples.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Values are those of SciPy 1.17's {@code spearmanr}. */
class RankCorrelationTest {
  private static RankCorrelation of(List<Double> ones, List<Double> others) {
    return RankCorrelation.of(ones, others);
  }

  @Test
  void agreesWithSciPy() {
    assertThat(of(List.of(1., 2., 3., 4., 5., 6.), List.of(2., 1., 4., 3., 6., 5.)).value())
        .isCloseTo(0.8285714285714287, within(1e-12));
  }

  @Test
  void equalValuesShareTheirMeanRank() {
    assertThat(of(List.of(1., 2., 2., 4., 5.), List.of(5., 5., 3., 1., 2.)).value())
        .isCloseTo(-0.8157894736842107, within(1e-12));
    assertThat(
            of(List.of(.3, .1, .1, .1, 2.5, -4., 8.), List.of(1., 1., 2., 7., 7., 0., 3.)).value())
        .isCloseTo(0.547267233169888, within(1e-12));
  }

  @Test
  void onlyTheOrderCounts() {
    RankCorrelation rising =
        of(List.of(1., 2., 3., 4., 5., 6., 7., 8.), List.of(1., 4., 9., 16., 25., 99., 100., 1e9));
    assertThat(rising.value()).isCloseTo(1, within(1e-12));
    assertThat(rising.pairs()).isEqualTo(8);
    assertThat(rising.interval().orElseThrow().low()).isCloseTo(1, within(1e-12));
  }

  @Test
  void anIntervalHoldsTheValueAndIsWideWhereThereAreFew() {
    RankCorrelation few = of(List.of(1., 2., 3., 4., 5.), List.of(2., 1., 5., 3., 4.));
    Interval interval = few.interval().orElseThrow();
    assertThat(interval.low()).isLessThan(few.value());
    assertThat(interval.high()).isGreaterThan(few.value());
    assertThat(interval.high() - interval.low()).isGreaterThan(0.8);
  }

  @Test
  void aConstantHasNone() {
    RankCorrelation constant = of(List.of(1., 2., 3.), List.of(4., 4., 4.));
    assertThat(constant.value()).isNaN();
    assertThat(constant.interval()).isEmpty();
  }

  @Test
  void whatIsNoPairIsRefused() {
    assertThatThrownBy(() -> of(List.of(1., 2.), List.of(1.)))
        .hasMessage("a correlation needs as many values of both, at least 2, got 2 and 1");
    assertThatThrownBy(() -> of(List.of(1., Double.NaN), List.of(1., 2.)))
        .hasMessage("a correlation needs numbers, got NaN");
  }
}
