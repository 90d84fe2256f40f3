package io.proxytune;

import org.jspecify.annotations.Nullable;

/** A model that gave logits which no token can be picked from, such as NaN. */
public class ModelException extends ProxyTuneException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes an exception.
   *
   * @param message what happened, where, what was expected, what was found, and what to do
   */
  public ModelException(String message) {
    super(message);
  }

  /**
   * Makes an exception with a cause.
   *
   * @param message what happened, where, what was expected, what was found, and what to do
   * @param cause what led to it
   */
  public ModelException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
