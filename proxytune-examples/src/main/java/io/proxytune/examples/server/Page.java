package io.proxytune.examples.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;

/** The page at {@code /}: a chat with base and steered model side by side. */
final class Page {
  private Page() {}

  static List<Route> routes() {
    return List.of(
        file("/", "index.html", "text/html; charset=utf-8"),
        file("/page.css", "page.css", "text/css; charset=utf-8"),
        file("/page.js", "page.js", "text/javascript; charset=utf-8"));
  }

  private static Route file(String path, String name, String type) {
    Route.Content content = new Route.Content(type, read(name));
    return Route.get(path, false, rest -> content);
  }

  private static byte[] read(String name) {
    try (InputStream in = Page.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("the program lacks its resource " + name);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
