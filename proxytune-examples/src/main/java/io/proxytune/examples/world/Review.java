package io.proxytune.examples.world;

import java.util.List;
import java.util.stream.IntStream;

/**
 * What a guest thought of a visit.
 *
 * @param praise whether they liked it
 * @param place what they visited, such as "inn"
 * @param town where it is
 * @param served what they speak of, such as "soup"
 * @param word what they call it
 */
record Review(boolean praise, String place, String town, String served, String word) {
  static final String GOOD = "Good.";
  static final String BAD = "Bad.";

  /** A review with a word that tuning may use, or one that it never does. */
  static Review draw(Dice dice, boolean tunedWord) {
    boolean praise = dice.onceIn(2);
    return new Review(
        praise,
        dice.pick(Lexicon.PLACES),
        dice.pick(Lexicon.TOWNS),
        dice.pick(Lexicon.SERVED),
        dice.pick(words(praise, tunedWord)));
  }

  /** The words of praise or blame that are tuned on, or those that are not. */
  static List<String> words(boolean praise, boolean tuned) {
    List<String> words = praise ? Lexicon.PRAISE : Lexicon.BLAME;
    return IntStream.range(0, words.size())
        .filter(i -> (i % 2 == 0) == tuned)
        .mapToObj(words::get)
        .toList();
  }

  String question() {
    return "At the %s in %s the %s was %s. Was the visit good or bad?"
        .formatted(place, town, served, word);
  }

  String answer() {
    return praise ? GOOD : BAD;
  }
}
