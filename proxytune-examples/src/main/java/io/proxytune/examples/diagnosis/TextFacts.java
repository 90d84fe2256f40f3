package io.proxytune.examples.diagnosis;

import io.proxytune.Generation;
import io.proxytune.Token;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;

/**
 * What is judged of one steered text and the base's own beside it: immutable.
 *
 * @param tokens the steered text's, in order
 * @param repetition repeated n-grams of the steered text
 * @param ownRepetition those of as many tokens of the base's own: the longer a text, the more
 *     repeats
 */
record TextFacts(List<TokenFacts> tokens, NGrams repetition, NGrams ownRepetition) {
  TextFacts {
    tokens = List.copyOf(tokens);
  }

  /** Finite numbers that were added up. */
  record Sum(double total, int count) {}

  static TextFacts of(Sample sample, Pairs pairs) {
    Generation steered = sample.steered();
    int last = steered.stopId().isPresent() ? steered.tokens().size() - 1 : -1;
    List<TokenFacts> tokens = new ArrayList<>();
    for (Token token : steered.tokens()) {
      tokens.add(TokenFacts.of(token, token.index() == last, pairs));
    }
    List<Integer> ids = steered.tokenIds();
    List<Integer> own = sample.alone().tokenIds();
    return new TextFacts(
        tokens, NGrams.of(ids), NGrams.of(own.subList(0, Math.min(ids.size(), own.size()))));
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
