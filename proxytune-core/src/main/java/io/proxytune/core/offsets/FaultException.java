package io.proxytune.core.offsets;

import io.proxytune.ProxyTuneException;

/** Ends a connection or a request; the client is told why. */
final class FaultException extends ProxyTuneException {
  private static final long serialVersionUID = 1L;

  private final Fault fault;

  FaultException(Fault fault, String message) {
    super(message);
    this.fault = fault;
  }

  Fault fault() {
    return fault;
  }
}
