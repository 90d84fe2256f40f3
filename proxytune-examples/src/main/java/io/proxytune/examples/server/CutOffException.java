package io.proxytune.examples.server;

/** A request was ended before its answer was complete, since its thread was interrupted. */
final class CutOffException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  CutOffException() {
    super("the request was ended from outside");
  }
}
