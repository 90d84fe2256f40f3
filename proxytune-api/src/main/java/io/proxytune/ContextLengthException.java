package io.proxytune;

import org.jspecify.annotations.Nullable;

/** A prompt that leaves no room in a model's context. */
public class ContextLengthException extends ProxyTuneException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes an exception.
   *
   * @param message what happened, where, what was expected, what was found, and what to do
   */
  public ContextLengthException(String message) {
    super(message);
  }

  /**
   * Makes an exception with a cause.
   *
   * @param message what happened, where, what was expected, what was found, and what to do
   * @param cause what led to it
   */
  public ContextLengthException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
