package io.proxytune.examples.server;

import io.proxytune.ChatTemplateException;
import io.proxytune.ContextLengthException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a failure is to a client. */
final class ApiErrors {
  private static final Logger LOG = LoggerFactory.getLogger(ApiErrors.class);

  private ApiErrors() {}

  /** What a client did wrong is said to it; what went wrong here is logged. */
  static ApiException of(Throwable failure) {
    if (failure instanceof ApiException known) {
      return known;
    }
    if (failure instanceof ContextLengthException) {
      return ApiException.badRequest(null, "context_length_exceeded", message(failure));
    }
    if (failure instanceof ChatTemplateException) {
      return ApiException.badRequest("messages", null, message(failure));
    }
    if (failure instanceof IllegalArgumentException) {
      return ApiException.badRequest(null, null, message(failure));
    }
    LOG.warn("A request failed.", failure);
    return ApiException.internal(
        failure instanceof OutOfMemoryError
            ? "out of memory: ask for fewer or shorter texts"
            : "the request failed: " + message(failure));
  }

  private static String message(Throwable failure) {
    String message = failure.getMessage();
    return message == null || message.isBlank() ? failure.getClass().getSimpleName() : message;
  }
}
