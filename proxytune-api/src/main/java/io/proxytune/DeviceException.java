package io.proxytune;

import org.jspecify.annotations.Nullable;

/** A device or an amount of memory that was asked for and can't be had. */
public class DeviceException extends ProxyTuneException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes an exception.
   *
   * @param message what happened, where, what was expected, what was found, and what to do
   */
  public DeviceException(String message) {
    super(message);
  }

  /**
   * Makes an exception with a cause.
   *
   * @param message what happened, where, what was expected, what was found, and what to do
   * @param cause what led to it
   */
  public DeviceException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
