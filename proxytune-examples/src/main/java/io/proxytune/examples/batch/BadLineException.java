package io.proxytune.examples.batch;

/** A line of the input that asks for what can't be done. */
public final class BadLineException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  /** Says what is wrong with it. */
  public BadLineException(String message) {
    super(message);
  }

  /** The same with a cause. */
  public BadLineException(String message, Throwable cause) {
    super(message, cause);
  }
}
