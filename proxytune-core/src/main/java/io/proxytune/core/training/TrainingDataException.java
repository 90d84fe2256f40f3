package io.proxytune.core.training;

import io.proxytune.ProxyTuneException;
import org.jspecify.annotations.Nullable;

/** Data that can't be trained with; the message names the file and the line. */
public class TrainingDataException extends ProxyTuneException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes an exception.
   *
   * @param message what happened, where, what was expected, what was found, and what to do
   * @param cause what led to it, or null
   */
  public TrainingDataException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
