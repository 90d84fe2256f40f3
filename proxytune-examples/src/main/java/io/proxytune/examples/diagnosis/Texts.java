package io.proxytune.examples.diagnosis;

import io.proxytune.examples.diagnosis.TextFacts.Sum;
import io.proxytune.examples.statistics.Bootstrap;
import io.proxytune.examples.statistics.Interval;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Figures over all texts: immutable. Shares and means are over tokens; their intervals come from
 * resampling texts, since tokens of one text are not independent.
 */
final class Texts {
  private final List<TextFacts> texts;
  private final Bootstrap bootstrap;

  Texts(List<TextFacts> texts, Bootstrap bootstrap) {
    this.texts = List.copyOf(texts);
    this.bootstrap = bootstrap;
  }

  /**
   * A figure.
   *
   * @param value NaN where there is nothing to compute it from
   * @param interval at 95 %; nothing where there is only one text, or the value is NaN
   */
  record Estimate(double value, Optional<Interval> interval) {}

  int count() {
    return texts.size();
  }

  int tokens() {
    return texts.stream().mapToInt(text -> text.tokens().size()).sum();
  }

  /** The share of tokens of a kind. */
  Estimate share(Predicate<TokenFacts> which) {
    int[] counted = texts.stream().mapToInt(text -> text.count(which)).toArray();
    int[] all = texts.stream().mapToInt(text -> text.tokens().size()).toArray();
    return estimate(chosen -> (double) sum(counted, chosen) / sum(all, chosen));
  }

  private static long sum(int[] values, int[] chosen) {
    return IntStream.of(chosen).mapToLong(i -> values[i]).sum();
  }

  /** Whether only some tokens were candidates. */
  boolean isNarrowed() {
    return texts.stream().anyMatch(text -> !text.wishes().isEmpty());
  }

  /** Of the tokens that the models together wanted and the base alone did not, those left out. */
  Estimate leftOut() {
    int[] leftOut = texts.stream().mapToInt(text -> text.countWishes(Wish::isLeftOut)).toArray();
    int[] all = texts.stream().mapToInt(text -> text.countWishes(it -> it != Wish.NONE)).toArray();
    return estimate(chosen -> (double) sum(leftOut, chosen) / sum(all, chosen));
  }

  /** The share of texts that the models together would have ended, had the end been a candidate. */
  Estimate endless() {
    int[] endless =
        texts.stream()
            .mapToInt(text -> text.wishes().contains(Wish.END_LEFT_OUT) ? 1 : 0)
            .toArray();
    return estimate(chosen -> (double) sum(endless, chosen) / chosen.length);
  }

  /** The mean of a number over the tokens that have it, but for ends of texts. */
  Estimate mean(ToDoubleFunction<TokenFacts> value) {
    List<Sum> sums = texts.stream().map(text -> text.sum(value)).toList();
    return estimate(chosen -> mean(sums, chosen));
  }

  private static double mean(List<Sum> sums, int[] chosen) {
    double total = IntStream.of(chosen).mapToDouble(i -> sums.get(i).total()).sum();
    return total / IntStream.of(chosen).mapToLong(i -> sums.get(i).count()).sum();
  }

  /** By how much the share of repeated n-grams exceeds the base's own. */
  Estimate addedRepetition() {
    List<Sum> steered = texts.stream().map(text -> sum(text.repetition())).toList();
    List<Sum> own = texts.stream().map(text -> sum(text.ownRepetition())).toList();
    return estimate(chosen -> mean(steered, chosen) - mean(own, chosen));
  }

  private static Sum sum(NGrams ngrams) {
    return new Sum(ngrams.repeated(), ngrams.total());
  }

  /** The root mean square of a number over all tokens that have it; NaN where none does. */
  double rootMeanSquare(ToDoubleFunction<TokenFacts> value) {
    return Math.sqrt(mean(token -> true, token -> Math.pow(value.applyAsDouble(token), 2)));
  }

  /** The mean of a number over the tokens of a kind; NaN where there are none. */
  double mean(Predicate<TokenFacts> which, ToDoubleFunction<TokenFacts> value) {
    return texts.stream()
        .flatMapToDouble(text -> text.tokens().stream().filter(which).mapToDouble(value))
        .filter(Double::isFinite)
        .average()
        .orElse(Double.NaN);
  }

  private Estimate estimate(ToDoubleFunction<int[]> statistic) {
    double value = statistic.applyAsDouble(IntStream.range(0, texts.size()).toArray());
    Optional<Interval> interval =
        Double.isNaN(value) || texts.size() < 2
            ? Optional.empty()
            : bootstrap.interval(
                List.of(texts.size()), chosen -> statistic.applyAsDouble(chosen[0]));
    return new Estimate(value, interval);
  }
}
