package io.proxytune.core.tokenizer.format;

/**
 * How a number grows with the length n of a run of characters: at most {@code factor · n^degree}.
 *
 * @param factor the factor, at least 0
 * @param degree the degree, at least 0
 */
record Growth(double factor, int degree) {
  static final Growth NONE = new Growth(0, 0);
  static final Growth ONE = new Growth(1, 0);
  static final Growth LENGTH = new Growth(1, 1);

  Growth plus(Growth other) {
    return new Growth(factor + other.factor, Math.max(degree, other.degree));
  }

  Growth times(Growth other) {
    return factor == 0 || other.factor == 0
        ? NONE
        : new Growth(factor * other.factor, degree + other.degree);
  }
}
