package io.proxytune.examples.measure;

import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * The last number of an answer is the expected one: immutable.
 *
 * @param expected the numbers that are right
 * @param tolerance how far from one of them a number may be
 */
record NumberCheck(List<BigDecimal> expected, BigDecimal tolerance) implements Checker {
  /** Thousands may be parted by commas; digits of a word such as {@code x2} are no number. */
  private static final Pattern NUMBER =
      Pattern.compile(
          "(?<![\\w.])[-+\u2212]?(?:\\d{1,3}(?:,\\d{3})+|\\d{1,40})?(?:(?<=\\d)|(?=\\.\\d))"
              + "(?:\\.\\d{1,40})?(?:[eE][-+]?\\d{1,3})?(?!\\w)");

  @Override
  public double score(Answer answer) {
    return last(answer.text()).filter(this::isRight).isPresent() ? 1 : 0;
  }

  private boolean isRight(BigDecimal number) {
    return expected.stream()
        .anyMatch(right -> right.subtract(number).abs().compareTo(tolerance) <= 0);
  }

  static Optional<BigDecimal> last(String text) {
    return NUMBER
        .matcher(text)
        .results()
        .map(MatchResult::group)
        .filter(found -> !found.isEmpty())
        .reduce((before, found) -> found)
        .map(found -> new BigDecimal(found.replace(",", "").replace('\u2212', '-')));
  }
}
