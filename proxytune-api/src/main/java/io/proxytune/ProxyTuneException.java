package io.proxytune;

import org.jspecify.annotations.Nullable;

/**
 * The root of what this library throws for anything but a wrong argument ({@link
 * IllegalArgumentException}) or use after close ({@link IllegalStateException}).
 */
public class ProxyTuneException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes an exception.
   *
   * @param message what happened, where, what was expected, what was found, and what to do; the
   *     middle of more than 2000 characters is left out, and control characters are spelled out
   */
  public ProxyTuneException(String message) {
    super(MessageText.of(message));
  }

  /**
   * Makes an exception with a cause.
   *
   * @param message what happened, where, what was expected, what was found, and what to do; the
   *     middle of more than 2000 characters is left out, and control characters are spelled out
   * @param cause what led to it
   */
  public ProxyTuneException(String message, @Nullable Throwable cause) {
    super(MessageText.of(message), cause);
  }
}
