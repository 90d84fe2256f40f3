package io.proxytune.examples.server;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A refusal in the form that OpenAI's clients read: immutable. */
final class ApiException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** The code of what is understood and not offered. */
  static final String UNSUPPORTED = "unsupported_value";

  private final int status;
  private final String type;
  private final @Nullable String param;
  private final @Nullable String code;

  private ApiException(
      int status, String type, @Nullable String param, @Nullable String code, String message) {
    super(message);
    this.status = status;
    this.type = type;
    this.param = param;
    this.code = code;
  }

  /** A request that can't be understood, with a message made as by {@link String#format}. */
  static ApiException bad(@Nullable String param, String format, Object... args) {
    return badRequest(param, null, String.format(Locale.ROOT, format, args));
  }

  /** The same for what is understood and not offered. */
  static ApiException unsupported(String param, String format, Object... args) {
    String message = String.format(Locale.ROOT, format, args);
    return badRequest(param, UNSUPPORTED, message);
  }

  static ApiException badRequest(@Nullable String param, @Nullable String code, String message) {
    return new ApiException(400, "invalid_request_error", param, code, message);
  }

  /** A key is missing or wrong. */
  static ApiException unauthorized(String message) {
    return new ApiException(401, "invalid_request_error", null, "invalid_api_key", message);
  }

  /** There is no such thing. */
  static ApiException notFound(@Nullable String param, String code, String message) {
    return new ApiException(404, "invalid_request_error", param, code, message);
  }

  /** What HTTP itself has a status for. */
  static ApiException http(int status, String message) {
    return new ApiException(status, "invalid_request_error", null, null, message);
  }

  /** The server can't take the request now. */
  static ApiException unavailable(String code, String message) {
    return new ApiException(503, "server_error", null, code, message);
  }

  /** The server failed. */
  static ApiException internal(String message) {
    return new ApiException(500, "server_error", null, null, message);
  }

  int status() {
    return status;
  }

  ObjectNode json() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.putObject("error")
        .put("message", getMessage())
        .put("type", type)
        .put("param", param)
        .put("code", code);
    return json;
  }
}
