package io.proxytune.core.offsets;

/** Why a connection or a request ends, with the number that a client reads. */
enum Fault {
  /**
   * A message is not what the protocol says. Ends the connection, as all up to {@link #CLOSING}.
   */
  MALFORMED(1),
  /** The client speaks another version. */
  VERSION(2),
  /** The engine's ids mean other tokens. */
  VOCABULARY(3),
  /** The engine may have longer or more requests than can be steered. */
  LIMIT(4),
  /** There are as many connections as there may be. */
  BUSY(5),
  /** The server ends. */
  CLOSING(6),
  /** A request that did not join, or failed before. Ends one request, as all that follow. */
  UNKNOWN_REQUEST(16),
  /** An id that no token of the vocabulary has, or that a model can't read. */
  TOKEN(17),
  /** More tokens than the experts' contexts hold. */
  TOO_LONG(18),
  /** There are as many requests as there may be. */
  TOO_MANY(19),
  /** A model failed. */
  MODEL(20),
  /** A pair that is not there. */
  PAIR(21),
  /** No memory for the request's KV caches. */
  MEMORY(22);

  private final int code;

  Fault(int code) {
    this.code = code;
  }

  int code() {
    return code;
  }
}
