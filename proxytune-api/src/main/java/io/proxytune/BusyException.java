package io.proxytune;

import org.jspecify.annotations.Nullable;

/** More requests than {@link Batching} lets wait: ask again later. */
public class BusyException extends ProxyTuneException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes an exception.
   *
   * @param message what happened, where, what was expected, what was found, and what to do
   */
  public BusyException(String message) {
    super(message);
  }

  /**
   * Makes an exception with a cause.
   *
   * @param message what happened, where, what was expected, what was found, and what to do
   * @param cause what led to it
   */
  public BusyException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
