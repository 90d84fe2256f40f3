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
   * @param message what happened, where, what was expected, what was found, and what to do
   */
  public ProxyTuneException(String message) {
    super(message);
  }

  /**
   * Makes an exception with a cause.
   *
   * @param message what happened, where, what was expected, what was found, and what to do
   * @param cause what led to it
   */
  public ProxyTuneException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
