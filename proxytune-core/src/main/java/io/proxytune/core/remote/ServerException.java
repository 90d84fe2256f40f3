package io.proxytune.core.remote;

import io.proxytune.ProxyTuneException;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** A server that can't be reached, refuses a request, or answers otherwise than it should. */
public class ServerException extends ProxyTuneException {
  private static final long serialVersionUID = 1L;

  private final int status;

  /**
   * Makes an exception without a status.
   *
   * @param message what happened, where, what was expected, what was found, and what to do
   * @param cause what led to it, or null
   */
  public ServerException(String message, @Nullable Throwable cause) {
    super(message, cause);
    this.status = 0;
  }

  /**
   * Makes an exception for an answer with an HTTP status.
   *
   * @param message what happened, where, what was expected, what was found, and what to do
   * @param status the status, above 0
   */
  public ServerException(String message, int status) {
    super(message);
    this.status = status;
  }

  /**
   * The HTTP status of the answer.
   *
   * @return the status, or nothing where there was no answer or its status was no error
   */
  public OptionalInt status() {
    return status == 0 ? OptionalInt.empty() : OptionalInt.of(status);
  }
}
