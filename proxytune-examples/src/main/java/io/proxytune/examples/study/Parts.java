package io.proxytune.examples.study;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.hash.Hashing;
import io.proxytune.core.files.InvalidJsonException;
import io.proxytune.core.files.JsonText;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/**
 * What was measured, each part in a file of its own that is named after all that it depends on. So
 * a study that was ended goes on where it was, studies share parts, and a part of other models or
 * questions is never taken for one of these. For one thread.
 */
final class Parts {
  private final Path folder;

  Parts(Path folder) {
    this.folder = folder;
  }

  /**
   * A part, if it was measured.
   *
   * @param key everything that it depends on
   */
  Optional<JsonNode> find(String key) {
    Path file = file(key);
    return Files.exists(file) ? Optional.of(read(file)) : Optional.empty();
  }

  /** Keeps a part; a crash leaves the whole of it or nothing. */
  void keep(String key, JsonNode part) {
    Path file = file(key);
    try {
      Files.createDirectories(folder);
      Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
      Files.writeString(temporary, part.toString(), UTF_8);
      Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(file + " can't be written: " + e.getMessage(), e);
    }
  }

  private Path file(String key) {
    return folder.resolve(Hashing.sha256().hashString(key, UTF_8).toString() + ".json");
  }

  /** Reads a JSON file of a study's. */
  static JsonNode read(Path file) {
    try {
      return JsonText.parse(Files.readString(file, UTF_8));
    } catch (InvalidJsonException e) {
      throw new IllegalArgumentException(
          file + " is no JSON: " + e.problem() + "; delete it to measure anew", e);
    } catch (IOException e) {
      throw new UncheckedIOException(file + " can't be read: " + e.getMessage(), e);
    }
  }
}
