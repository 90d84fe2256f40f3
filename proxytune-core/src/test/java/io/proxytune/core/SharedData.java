package io.proxytune.core;

import static org.junit.jupiter.api.Assumptions.abort;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Finds real checkpoints, tokenizers and templates that are not part of the project: in the folder
 * of the system property {@code proxytune.shared}, else in a folder {@code shared} beside the
 * checkout or above it.
 */
public final class SharedData {
  private SharedData() {}

  /**
   * The path of shared data; ends the test as skipped where it is not on this machine.
   *
   * @param relative a path such as {@code tokenizers/llama2}
   * @return the path, which exists
   */
  public static Path require(String relative) {
    return find(relative)
        .orElseGet(() -> abort("needs shared/" + relative + ", which is not on this machine"));
  }

  private static Optional<Path> find(String relative) {
    return roots().map(root -> root.resolve(relative)).filter(Files::exists).findFirst();
  }

  private static Stream<Path> roots() {
    String property = System.getProperty("proxytune.shared");
    return property != null
        ? Stream.of(Path.of(property))
        : Stream.iterate(Path.of("").toAbsolutePath(), folder -> folder != null, Path::getParent)
            .map(folder -> folder.resolve("shared"));
  }
}
