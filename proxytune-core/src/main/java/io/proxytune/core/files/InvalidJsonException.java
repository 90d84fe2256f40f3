package io.proxytune.core.files;

import static com.google.common.base.Strings.lenientFormat;

/**
 * A text that is no JSON; the message says what is wrong with it, and not where it is from. It has
 * no cause: what the parser says is about the parser.
 */
public final class InvalidJsonException extends Exception {
  private static final long serialVersionUID = 1L;

  private final int column;
  private final String problem;

  InvalidJsonException(int line, int column, String problem) {
    super(lenientFormat("line %s, column %s: %s", line, column, problem));
    this.column = column;
    this.problem = problem;
  }

  /**
   * Where it is in its line.
   *
   * @return the column, from 1
   */
  public int column() {
    return column;
  }

  /**
   * What is wrong, without its place.
   *
   * @return the problem
   */
  public String problem() {
    return problem;
  }
}
