package io.proxytune.examples.study;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Checkpoints that are said to read longer texts than they were trained on. */
final class LongerContext {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** The file and the field in which a checkpoint says how long its texts may be. */
  private static final Map<String, String> FIELDS =
      Map.of("config.json", "max_position_embeddings", "tokenizer_config.json", "model_max_length");

  private LongerContext() {}

  /**
   * Copies a checkpoint, weights and all, and changes how long it says that its texts may be.
   *
   * @param checkpoint the folder; it stays as it is
   * @param copy where; its files are replaced
   * @param positions the new length
   * @throws UncheckedIOException if a file can't be read or written
   */
  static void copy(Path checkpoint, Path copy, int positions) {
    try {
      Files.createDirectories(copy);
      for (Path file : files(checkpoint)) {
        Path target = copy.resolve(checkpoint.relativize(file));
        Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
        String field = FIELDS.get(String.valueOf(file.getFileName()));
        if (field != null) {
          ObjectNode json = (ObjectNode) JSON.readTree(target.toFile());
          JSON.writerWithDefaultPrettyPrinter()
              .writeValue(target.toFile(), json.put(field, positions));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "checkpoint " + checkpoint + " can't be copied to " + copy + ": " + e.getMessage(), e);
    }
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(Files::isRegularFile).toList();
    }
  }
}
