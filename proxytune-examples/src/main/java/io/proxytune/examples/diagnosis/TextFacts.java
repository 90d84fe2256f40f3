package io.proxytune.examples.diagnosis;

import static java.util.Objects.requireNonNull;

import io.proxytune.Generation;
import io.proxytune.Token;
import io.proxytune.TokenTrace;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;

/**
 * What is judged of one steered text and the base's own beside it: immutable.
 *
 * @param tokens the steered text's, in order
 * @param repetition repeated n-grams of the steered text
 * @param ownRepetition those of as many tokens of the base's own: the longer a text, the more
 *     repeats
 * @param wishes of each token; empty where every token was a candidate
 */
record TextFacts(
    List<TokenFacts> tokens, NGrams repetition, NGrams ownRepetition, List<Wish> wishes) {
  TextFacts {
    tokens = List.copyOf(tokens);
    wishes = List.copyOf(wishes);
  }

  /** Finite numbers that were added up. */
  record Sum(double total, int count) {}

  /**
   * Judges a text.
   *
   * @param ends the tokens that end a text
   */
  static TextFacts of(Sample sample, Pairs pairs, Set<String> ends) {
    Generation steered = sample.steered();
    int last = steered.stopId().isPresent() ? steered.tokens().size() - 1 : -1;
    List<TokenFacts> tokens = new ArrayList<>();
    for (Token token : steered.tokens()) {
      tokens.add(TokenFacts.of(token, token.index() == last, pairs));
    }
    List<Integer> ids = steered.tokenIds();
    List<Integer> own = sample.alone().tokenIds();
    return new TextFacts(
        tokens,
        NGrams.of(ids),
        NGrams.of(own.subList(0, Math.min(ids.size(), own.size()))),
        wishes(sample, ends));
  }

  private static List<Wish> wishes(Sample sample, Set<String> ends) {
    List<Wish> wishes = new ArrayList<>();
    for (int i = 0; i < sample.wanted().size(); i++) {
      TokenTrace trace = requireNonNull(sample.steered().tokens().get(i).trace(), "trace");
      wishes.add(Wish.of(sample.wanted().get(i), trace, ends));
    }
    return wishes;
  }

  int countWishes(Predicate<Wish> which) {
    return (int) wishes.stream().filter(which).count();
  }

  int count(Predicate<TokenFacts> which) {
    return (int) tokens.stream().filter(which).count();
  }

  /**
   * A number of each token added up, as far as it is finite; but for the end, which an untuned base
   * hardly ever says: how unlikely it finds it tells nothing of the text.
   */
  Sum sum(ToDoubleFunction<TokenFacts> value) {
    double[] finite =
        tokens.stream()
            .filter(token -> !token.end())
            .mapToDouble(value)
            .filter(Double::isFinite)
            .toArray();
    double total = 0;
    for (double each : finite) {
      total += each;
    }
    return new Sum(total, finite.length);
  }
}
