package io.proxytune.examples.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.proxytune.examples.statistics.PairedDifference.Method;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PairedDifferenceTest {
  /**
   * Newcombe, Statistics in Medicine 17 (1998) 2635–2650, method 10; the second is Altman and
   * others, Statistics with Confidence (2000), table 6.2.
   */
  @ParameterizedTest
  @CsvSource({"36, 12, 2, 0, 0.0569, 0.3404", "14, 5, 0, 22, 0.0115, 0.2265"})
  void pairedProportionsAsPublished(
      int both, int first, int second, int neither, double low, double high) {
    Interval interval = new PairedProportions(both, first, second, neither).interval();
    assertThat(interval.low()).isCloseTo(low, within(5e-5));
    assertThat(interval.high()).isCloseTo(high, within(5e-5));
  }

  private static List<Double> all(double value, int count) {
    return Collections.nCopies(count, value);
  }

  @Test
  void twoItemsTellNearlyNothing() {
    PairedDifference both = PairedDifference.of(all(1, 2), all(0, 2));
    assertThat(both.mean()).isEqualTo(1);
    assertThat(both.method()).isEqualTo(Method.NEWCOMBE);
    assertThat(both.interval().orElseThrow().low()).isLessThan(0.1);
    PairedDifference one = PairedDifference.of(List.of(1.0, 0.0), all(0, 2));
    assertThat(one.isClearGain()).isFalse();
    assertThat(one.interval().orElseThrow().high() - one.interval().orElseThrow().low())
        .isGreaterThan(1);
  }

  @Test
  void aConstantIsNotResampled() {
    PairedDifference same = PairedDifference.of(all(1, 200), all(1, 200));
    assertThat(same.method()).isEqualTo(Method.NEWCOMBE);
    Interval interval = same.interval().orElseThrow();
    assertThat(interval.low()).isNegative();
    assertThat(interval.high()).isPositive();
    assertThat(PairedDifference.of(all(0.5, 200), all(0.25, 200)).interval()).isEmpty();
  }

  /** An exact test of five items of 233 gives p = 0.06; resampling them would call it clear. */
  @Test
  void aFewItemsThatDifferAreNotResampled() {
    List<Double> ours = new ArrayList<>(all(1, 215));
    ours.addAll(all(0, 18));
    List<Double> theirs = new ArrayList<>(ours);
    for (int i = 0; i < 5; i++) {
      theirs.set(i, 0.0);
    }
    PairedDifference five = PairedDifference.of(ours, theirs);
    assertThat(five.method()).isEqualTo(Method.NEWCOMBE);
    assertThat(five.isClearGain()).isFalse();
    for (int i = 0; i < 20; i++) {
      theirs.set(i, 0.0);
    }
    assertThat(PairedDifference.of(ours, theirs).method()).isEqualTo(Method.BOOTSTRAP);
  }

  @Test
  void fewGradedScoresHaveNoInterval() {
    PairedDifference few = PairedDifference.of(List.of(0.5, 0.75), List.of(0.25, 0.0));
    assertThat(few.mean()).isEqualTo(0.5);
    assertThat(few.interval()).isEmpty();
    assertThat(few.method()).isEqualTo(Method.NONE);
    assertThat(few.isClearGain()).isFalse();
  }

  /** A 95 % interval holds the truth in about 95 % of experiments, whatever the number of items. */
  @ParameterizedTest
  @ValueSource(ints = {2, 5, 20, 49, 50, 120})
  void intervalsHoldTheTruthAsOftenAsTheySay(int items) {
    SplittableRandom random = new SplittableRandom(items);
    int held = 0;
    int experiments = 200;
    for (int experiment = 0; experiment < experiments; experiment++) {
      List<Double> ours = new ArrayList<>();
      List<Double> theirs = new ArrayList<>();
      for (int i = 0; i < items; i++) {
        boolean right = random.nextDouble() < 0.5;
        boolean turned = random.nextDouble() < (right ? 0.2 : 0.4);
        theirs.add(right ? 1.0 : 0.0);
        ours.add(right != turned ? 1.0 : 0.0);
      }
      Interval interval = PairedDifference.of(ours, theirs).interval().orElseThrow();
      held += interval.low() <= 0.1 + 1e-9 && interval.high() >= 0.1 - 1e-9 ? 1 : 0;
    }
    assertThat(held / (double) experiments).isGreaterThan(0.9);
  }

  @Test
  void meansOfRightAndWrongAreProportions() {
    assertThat(MeanScore.of(List.of(1.0, 0.0)).interval()).contains(new Proportion(1, 2).wilson());
    assertThat(MeanScore.of(List.of(0.5, 0.5)).interval()).isEmpty();
    List<Double> graded = new ArrayList<>(all(0.25, 15));
    graded.addAll(all(0.75, 15));
    Interval interval = MeanScore.of(graded).interval().orElseThrow();
    assertThat(interval.low()).isCloseTo(0.5 - 1.96 * 0.25 / Math.sqrt(30), within(0.03));
  }

  @Test
  void systemsAreComparedOnTheSameItems() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PairedDifference.of(all(1, 2), all(1, 3)))
        .withMessageContaining("got 2 and 3");
    assertThatIllegalArgumentException().isThrownBy(() -> MeanScore.of(List.of()));
  }
}
