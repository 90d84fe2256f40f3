package io.proxytune.core.files;

import static com.google.common.base.Strings.lenientFormat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.CheckpointException;
import java.nio.file.Path;

/** Reads JSON files that hold an object. */
public final class JsonFile {
  /** Some ten times what the largest of today have. */
  public static final int MAX_CONFIG_BYTES = 8_000_000;

  private JsonFile() {}

  /**
   * Reads a file.
   *
   * @param file a regular file, or a link to one
   * @param maxBytes the most bytes that it may have; values in memory take some twenty times as
   *     many at worst
   * @return the object
   * @throws CheckpointException if it can't be read (see {@link TextFile#read(Path, int)}), is no
   *     JSON or no object
   */
  public static ObjectNode readObject(Path file, int maxBytes) {
    return parseObject(file, TextFile.read(file, maxBytes));
  }

  /**
   * Reads a file of settings, such as {@code config.json}.
   *
   * @param file a regular file of at most {@link #MAX_CONFIG_BYTES}, or a link to one
   * @return the object
   * @throws CheckpointException if it can't be read, is no JSON or no object
   */
  public static ObjectNode readConfig(Path file) {
    return readObject(file, MAX_CONFIG_BYTES);
  }

  /**
   * Parses a file's text.
   *
   * @param file where it is from, for messages
   * @param text the text
   * @return the object
   * @throws CheckpointException if it is no JSON or no object
   */
  public static ObjectNode parseObject(Path file, String text) {
    JsonNode json = parse(file, text);
    if (json instanceof ObjectNode object) {
      return object;
    }
    throw new CheckpointException(
        lenientFormat(
            "%s must hold a JSON object, got %s; the file is damaged: download or export it again",
            file, JsonText.show(json)));
  }

  private static JsonNode parse(Path file, String text) {
    try {
      return JsonText.parse(text);
    } catch (InvalidJsonException e) {
      throw new CheckpointException(
          lenientFormat(
              "%s is not valid JSON: %s; correct it or download it again", file, e.getMessage()),
          e);
    }
  }
}
