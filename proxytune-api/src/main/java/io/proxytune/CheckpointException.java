package io.proxytune;

import org.jspecify.annotations.Nullable;

/** A checkpoint folder that can't be read, contradicts itself, or is of an unsupported kind. */
public class CheckpointException extends ProxyTuneException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes an exception.
   *
   * @param message what happened, where, what was expected, what was found, and what to do
   */
  public CheckpointException(String message) {
    super(message);
  }

  /**
   * Makes an exception with a cause.
   *
   * @param message what happened, where, what was expected, what was found, and what to do
   * @param cause what led to it
   */
  public CheckpointException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
