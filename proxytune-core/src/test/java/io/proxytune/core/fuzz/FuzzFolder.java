package io.proxytune.core.fuzz;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** A folder for the files of a fuzz test, in memory where the system has such; gone at the end. */
final class FuzzFolder {
  private static final Path MEMORY = Path.of("/dev/shm");

  private FuzzFolder() {}

  static Path create(String name) {
    try {
      Path folder =
          Files.isDirectory(MEMORY) && Files.isWritable(MEMORY)
              ? Files.createTempDirectory(MEMORY, name)
              : Files.createTempDirectory(name);
      Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(folder), "fuzz-folder"));
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
