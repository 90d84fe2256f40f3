package io.proxytune.examples.measure;

import java.util.function.Predicate;

/** Scores the answers to one question. */
@FunctionalInterface
public interface Checker {
  /**
   * How good an answer is.
   *
   * @return from 0, wrong, to 1, right
   * @throws IllegalArgumentException if it can't be told, saying why
   */
  double score(Answer answer);

  /** A checker of answers that are right or wrong. */
  static Checker ofTruth(Predicate<String> right) {
    return answer -> right.test(answer.text()) ? 1 : 0;
  }
}
