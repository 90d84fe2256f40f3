package io.proxytune.examples.tasks;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.core.files.InvalidJsonException;
import io.proxytune.core.files.JsonText;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;

/**
 * Reads the files that benchmarks are published in: JSON lines, gzipped or not, or one JSON list.
 */
public final class Rows {
  /** Unpacked; the largest of the published files has a tenth. */
  static final int MAX_BYTES = 256 << 20;

  private Rows() {}

  /**
   * The objects of a file.
   *
   * @param file JSON lines ({@code .jsonl}, {@code .jsonl.gz}), or a list ({@code .json})
   * @throws IllegalArgumentException naming the line, if the file can't be read or holds anything
   *     else, or nothing
   */
  public static List<Row> read(Path file) {
    String text = text(file);
    List<Row> rows = text.stripLeading().startsWith("[") ? list(file, text) : lines(file, text);
    if (rows.isEmpty()) {
      throw new IllegalArgumentException(file + " holds nothing");
    }
    return rows;
  }

  private static List<Row> lines(Path file, String text) {
    List<Row> rows = new ArrayList<>();
    int number = 0;
    int from = 0;
    while (from < text.length()) {
      int to = text.indexOf('\n', from);
      to = to < 0 ? text.length() : to;
      number++;
      String line = text.substring(from, to);
      if (!line.isBlank()) {
        rows.add(row(file + ", line " + number, parse(file + ", line " + number, line)));
      }
      from = to + 1;
    }
    return rows;
  }

  private static List<Row> list(Path file, String text) {
    List<Row> rows = new ArrayList<>();
    for (JsonNode element : parse(file.toString(), text)) {
      rows.add(row(file + ", element " + (rows.size() + 1), element));
    }
    return rows;
  }

  private static Row row(String place, JsonNode value) {
    if (value instanceof ObjectNode object) {
      return new Row(place, object);
    }
    throw new IllegalArgumentException(
        place + ": expected a JSON object, got " + JsonText.show(value));
  }

  private static JsonNode parse(String place, String text) {
    try {
      return JsonText.parse(text);
    } catch (InvalidJsonException e) {
      throw new IllegalArgumentException(place + ": no JSON: " + e.getMessage(), e);
    }
  }

  /**
   * A file's text.
   *
   * @throws IllegalArgumentException if it can't be read, is too large or is not UTF-8
   */
  static String text(Path file) {
    try (InputStream in = open(file)) {
      byte[] bytes = in.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        throw new IllegalArgumentException(
            file + " holds more than " + (MAX_BYTES >> 20) + " MiB: it is no file of a benchmark");
      }
      return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw unreadable(file, "it is not UTF-8 text", e);
    } catch (NoSuchFileException e) {
      throw unreadable(file, "there is no such file", e);
    } catch (AccessDeniedException e) {
      throw unreadable(file, "permission denied", e);
    } catch (IOException e) {
      throw unreadable(file, String.valueOf(e.getMessage()), e);
    }
  }

  private static InputStream open(Path file) throws IOException {
    InputStream in = new BufferedInputStream(Files.newInputStream(file));
    if (!file.toString().endsWith(".gz")) {
      return in;
    }
    try {
      return new GZIPInputStream(in);
    } catch (IOException e) {
      in.close();
      throw e;
    }
  }

  private static IllegalArgumentException unreadable(Path file, String why, IOException cause) {
    return new IllegalArgumentException(file + " can't be read: " + why, cause);
  }

  /**
   * The first of several files that is there.
   *
   * @throws IllegalArgumentException if none is
   */
  static Path find(Path folder, String... names) {
    for (String name : names) {
      if (Files.isRegularFile(folder.resolve(name))) {
        return folder.resolve(name);
      }
    }
    throw new IllegalArgumentException(
        "--data " + folder + " must be a folder that holds " + String.join(" or ", names));
  }
}
