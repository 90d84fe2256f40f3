package io.proxytune;

/**
 * A {@link Constraint} that can't be read, contradicts itself, is too large, or can't be written in
 * the model's tokens.
 */
public class InvalidConstraintException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes an exception.
   *
   * @param message what can't be met, where, and what to do
   * @param cause what found it
   */
  public InvalidConstraintException(String message, Throwable cause) {
    super(message, cause);
  }
}
