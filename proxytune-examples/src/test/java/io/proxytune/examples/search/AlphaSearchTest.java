package io.proxytune.examples.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.proxytune.examples.search.SearchResult.Verdict;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Searches over measures that are known. */
class AlphaSearchTest {
  private static final long ANY = Long.MAX_VALUE;

  private static List<Strengths> grid(String values, int pairs) {
    return AlphaValues.grid("--alphas", List.of(AlphaValues.parse("--alphas", values)), pairs);
  }

  /**
   * Right with a probability that strengths decide, where items are easy or hard for all strengths
   * and luck is added for each.
   */
  private static StrengthMeasure chance(long seed, ToDoubleFunction<List<Double>> probability) {
    return (strengths, items) ->
        items.stream()
            .map(
                item -> {
                  double easy = new SplittableRandom(seed * 7919 + item).nextDouble();
                  double luck =
                      new SplittableRandom(seed * 7919 + item * 31L + strengths.hashCode())
                          .nextDouble();
                  double drawn = 0.7 * easy + 0.3 * luck;
                  return drawn < probability.applyAsDouble(strengths.alphas()) ? 1.0 : 0.0;
                })
            .toList();
  }

  private static ToDoubleFunction<List<Double>> peak(double... at) {
    return alphas ->
        0.1
            + 0.8
                * Math.exp(
                    -IntStream.range(0, at.length)
                        .mapToDouble(i -> Math.pow((alphas.get(i) - at[i]) / 0.4, 2))
                        .sum());
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.5, 0.75, 1.75})
  void aPeakIsFound(double at) {
    List<Strengths> candidates = grid("0:2:0.25", 1);
    for (long seed = 0; seed < 15; seed++) {
      SearchResult result = new AlphaSearch(candidates, 400, ANY, seed).run(chance(seed, peak(at)));
      assertThat(Math.abs(result.winner().alphas().get(0) - at))
          .as("seed %s: %s", seed, result)
          .isLessThanOrEqualTo(0.25);
      assertThat(result.verdict()).isNotEqualTo(Verdict.NOISE);
      assertThat(result.calls()).isLessThan(result.fullGrid() / 2);
    }
  }

  @Test
  void aPeakOfTwoPairsIsFound() {
    int near = 0;
    for (long seed = 0; seed < 10; seed++) {
      SearchResult result =
          new AlphaSearch(grid("0:1.5:0.5", 2), 400, ANY, seed).run(chance(seed, peak(0.5, 1.5)));
      near += result.recommended().equals(new Strengths(List.of(0.5, 1.5))) ? 1 : 0;
      assertThat(result.calls()).isLessThan(result.fullGrid() / 3);
    }
    assertThat(near).isGreaterThanOrEqualTo(9);
  }

  /** With no search at all, each of the two intervals would be above zero in 2.5 %. */
  @Test
  void aMeasureThatStrengthsDoNotChangeIsNoise() {
    int gains = 0;
    for (long seed = 0; seed < 100; seed++) {
      StrengthMeasure coin = chance(seed, alphas -> 0.5);
      SearchResult result = new AlphaSearch(grid("0:2:0.25", 1), 120, ANY, seed).run(coin);
      gains += result.verdict() == Verdict.NOISE ? 0 : 1;
      assertThat(result.recommended().equals(Strengths.ofAll(1, 0)))
          .isEqualTo(result.verdict() == Verdict.NOISE);
    }
    assertThat(gains).isLessThanOrEqualTo(10);
  }

  @Test
  void aConstantMeasureIsNoiseAndTheUsualStrengthComesFirst() {
    SearchResult result =
        new AlphaSearch(grid("0:2:0.25", 1), 60, ANY, 3)
            .run((strengths, items) -> items.stream().map(item -> 1.0).toList());
    assertThat(result.verdict()).isEqualTo(Verdict.NOISE);
    assertThat(result.winner()).isEqualTo(Strengths.ofAll(1, 1));
    assertThat(result.recommended()).isEqualTo(Strengths.ofAll(1, 0));
  }

  @Test
  void theUsualStrengthIsRecommendedWhereAnotherGainsNothing() {
    ToDoubleFunction<List<Double>> plateau = alphas -> alphas.get(0) >= 0.5 ? 0.8 : 0.2;
    SearchResult result = new AlphaSearch(grid("0:2:0.25", 1), 200, ANY, 1).run(chance(1, plateau));
    assertThat(result.verdict()).isEqualTo(Verdict.USUAL);
    assertThat(result.recommended()).isEqualTo(Strengths.ofAll(1, 1));
  }

  @Test
  void aStrengthThatHelpsIsRecommendedWhereTheUsualHarms() {
    ToDoubleFunction<List<Double>> early = alphas -> alphas.get(0) == 0.5 ? 0.8 : 0.3;
    SearchResult result = new AlphaSearch(grid("0:2:0.5", 1), 300, ANY, 1).run(chance(1, early));
    assertThat(result.verdict()).isEqualTo(Verdict.GAIN);
    assertThat(result.recommended()).isEqualTo(Strengths.ofAll(1, 0.5));
  }

  @ParameterizedTest
  @CsvSource({
    "2, 4, 16",
    "3, 40, 60",
    "9, 400, 200",
    "9, 400, 800",
    "20, 50, 300",
    "60, 1000, 5000",
    "1, 100, 100000"
  })
  void theBudgetIsKeptAndNothingIsAskedTwice(int candidates, int items, long calls) {
    List<Strengths> all =
        IntStream.range(0, candidates).mapToObj(i -> Strengths.ofAll(1, 2 + i)).toList();
    Set<List<Object>> asked = new HashSet<>();
    AlphaSearch search = new AlphaSearch(all, items, calls, 5);
    SearchResult result =
        search.run(
            (strengths, some) ->
                some.stream()
                    .map(
                        item -> {
                          assertThat(item).isBetween(0, items - 1);
                          assertThat(asked.add(List.of(strengths, item))).isTrue();
                          return item % 3 / 2.0;
                        })
                    .toList());
    assertThat(result.calls())
        .isEqualTo(asked.size())
        .isLessThanOrEqualTo(search.mostCalls())
        .isLessThanOrEqualTo(calls);
    assertThat(result.tried()).hasSize(candidates + 2).doesNotHaveDuplicates();
    assertThat(result.fullGrid()).isEqualTo((candidates + 2L) * items);
  }

  @Test
  void theSameSeedAsksTheSame() {
    SearchResult one = new AlphaSearch(grid("0:2:0.5", 1), 50, ANY, 9).run(chance(1, peak(1)));
    assertThat(new AlphaSearch(grid("0:2:0.5", 1), 50, ANY, 9).run(chance(1, peak(1))))
        .isEqualTo(one);
  }

  @Test
  void tooLittleIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new AlphaSearch(grid("0:1:0.5", 1), 3, ANY, 1))
        .withMessageContaining("at least 4 items, half of them to confirm what it finds, got 3");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new AlphaSearch(grid("0:1:0.5", 1), 40, 5, 1))
        .withMessage("5 calls are too few for 3 candidates: allow at least 14, or try fewer");
    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                new AlphaSearch(grid("0:1:0.5", 1), 8, ANY, 1)
                    .run((strengths, items) -> items.stream().map(item -> 1.5).toList()))
        .withMessageContaining("a score from 0 to 1");
  }

  @Test
  void valuesAreListsOrRanges() {
    assertThat(AlphaValues.parse("--alphas", "1,0.5,1,-0")).containsExactly(0.0, 0.5, 1.0);
    assertThat(AlphaValues.parse("--alphas", "0:0.5:0.1"))
        .containsExactly(0.0, 0.1, 0.2, 0.3, 0.4, 0.5);
    Stream.of("x", "0:1", "0:1:0", "1:0:0.1", "0:1:0.0001", "1,", "NaN", "1e999")
        .forEach(
            bad ->
                assertThatIllegalArgumentException()
                    .as(bad)
                    .isThrownBy(() -> AlphaValues.parse("--alphas", bad))
                    .withMessageStartingWith("--alphas "));
  }

  @Test
  void combinationsAreGridsOrShares() {
    assertThat(grid("0,1", 2))
        .extracting(Strengths::toString)
        .containsExactly("(0, 0)", "(0, 1)", "(1, 0)", "(1, 1)");
    assertThat(AlphaValues.simplex(List.of(0.5, 1.0), 2, 2))
        .extracting(Strengths::toString)
        .containsExactly("(0, 0.5)", "(0.25, 0.25)", "(0.5, 0)", "(0, 1)", "(0.5, 0.5)", "(1, 0)");
    assertThat(AlphaValues.simplex(List.of(1.0), 3, 4))
        .hasSize(15)
        .allMatch(it -> it.alphas().stream().mapToDouble(Double::doubleValue).sum() == 1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> grid("0:2:0.05", 2))
        .withMessageContaining("1681 combinations, more than 1000");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> AlphaValues.grid("--alphas", List.of(List.of(1.0), List.of(1.0)), 3))
        .withMessageContaining("given 2 times, and there are 3 pairs");
  }
}
