package io.proxytune.examples.server;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a path leads to: immutable. Exactly one of endpoint and content is there.
 *
 * @param method GET or POST
 * @param path the path; one that ends with {@code /*} takes every path that begins so
 * @param guarded whether a key is needed where the server has keys
 * @param endpoint what answers a POST
 * @param content what a GET gets, by what follows the path's beginning
 */
record Route(
    String method,
    String path,
    boolean guarded,
    @Nullable Endpoint endpoint,
    @Nullable Function<String, Content> content) {
  /** Bytes with their type. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Content(String type, byte[] bytes) {}

  static Route post(String path, Endpoint endpoint) {
    return new Route("POST", path, true, endpoint, null);
  }

  static Route get(String path, boolean guarded, Function<String, Content> content) {
    return new Route("GET", path, guarded, null, content);
  }

  boolean leadsFrom(String asked) {
    return path.endsWith("/*")
        ? asked.startsWith(path.substring(0, path.length() - 1)) && asked.length() >= path.length()
        : asked.equals(path);
  }

  /** What follows the path's beginning. */
  String rest(String asked) {
    return path.endsWith("/*") ? asked.substring(path.length() - 1) : "";
  }
}
