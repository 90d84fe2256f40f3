package io.proxytune.core.remote;

import com.fasterxml.jackson.databind.JsonNode;
import io.proxytune.core.files.InvalidJsonException;
import io.proxytune.core.files.JsonText;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a server replied.
 *
 * @param status the HTTP status
 * @param body what it said, if it is no refusal
 * @param refusal what it said, if it is one
 * @param retryAfter when it wants to be asked again, if it says so
 */
record Reply<T>(int status, @Nullable T body, String refusal, Optional<Duration> retryAfter) {
  private static final int OK = 200;
  private static final int MAX_REFUSAL = 16 << 10;
  private static final int SHOWN = 300;
  private static final String DIGITS = "[0-9]{1,6}";

  /** Reads a body where there is one, and the beginning of a refusal. */
  static <T> BodyHandler<Reply<T>> handler(Supplier<? extends BodySubscriber<T>> body) {
    return info -> {
      int status = info.statusCode();
      if (status == OK) {
        return BodySubscribers.mapping(
            body.get(), said -> new Reply<>(status, said, "", Optional.empty()));
      }
      Optional<Duration> after = retryAfter(info.headers());
      return BodySubscribers.mapping(
          TextBody.beginning(MAX_REFUSAL), text -> new Reply<>(status, null, message(text), after));
    };
  }

  /** In seconds; a date says nothing here, whose clock may be another. */
  private static Optional<Duration> retryAfter(HttpHeaders headers) {
    return headers
        .firstValue("Retry-After")
        .map(String::strip)
        .filter(value -> value.matches(DIGITS))
        .map(value -> Duration.ofSeconds(Long.parseLong(value)));
  }

  /** The message in {@code {"error": {"message": …}}}, or the text as it is. */
  private static String message(String text) {
    try {
      JsonNode error = JsonText.parse(text).path("error");
      String message = error.isTextual() ? error.textValue() : error.path("message").asText();
      return shortened(message.isEmpty() ? text : message);
    } catch (InvalidJsonException e) {
      return shortened(text);
    }
  }

  private static String shortened(String text) {
    String line = text.strip().replaceAll("\\s+", " ");
    return line.length() <= SHOWN ? line : line.substring(0, SHOWN) + "…";
  }
}
