package io.proxytune;

import org.jspecify.annotations.Nullable;

/** Models that give the same ids to different tokens, so that their logits can't be combined. */
public class VocabularyMismatchException extends ProxyTuneException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes an exception.
   *
   * @param message what happened, where, what was expected, what was found, and what to do
   */
  public VocabularyMismatchException(String message) {
    super(message);
  }

  /**
   * Makes an exception with a cause.
   *
   * @param message what happened, where, what was expected, what was found, and what to do
   * @param cause what led to it
   */
  public VocabularyMismatchException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
