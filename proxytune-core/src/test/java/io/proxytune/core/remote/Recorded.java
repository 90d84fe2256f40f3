package io.proxytune.core.remote;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** What real servers answered; {@code src/test/golden/llama_server.py} recorded it. */
final class Recorded {
  private Recorded() {}

  /** An answer of llama.cpp. */
  static JsonNode llama(String name) {
    try (InputStream file =
        requireNonNull(Recorded.class.getResourceAsStream("/golden/remote/llama.json"))) {
      JsonNode found = new ObjectMapper().readTree(file).path(name);
      if (found.isMissingNode()) {
        throw new IllegalArgumentException("nothing is recorded of " + name);
      }
      return found.path("answer");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The names of all fields, with those that they are in. */
  static Stream<String> paths(JsonNode node, String in) {
    if (node.isArray()) {
      return StreamSupport.stream(node.spliterator(), false).flatMap(each -> paths(each, in));
    }
    return node.properties().stream()
        .flatMap(
            field -> {
              String path = in.isEmpty() ? field.getKey() : in + "." + field.getKey();
              return Stream.concat(Stream.of(path), paths(field.getValue(), path));
            });
  }
}
