package io.proxytune;

import org.jspecify.annotations.Nullable;

/** A chat template that is missing, broken, or refuses a conversation. */
public class ChatTemplateException extends ProxyTuneException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes an exception.
   *
   * @param message what happened, where, what was expected, what was found, and what to do
   */
  public ChatTemplateException(String message) {
    super(message);
  }

  /**
   * Makes an exception with a cause.
   *
   * @param message what happened, where, what was expected, what was found, and what to do
   * @param cause what led to it
   */
  public ChatTemplateException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
