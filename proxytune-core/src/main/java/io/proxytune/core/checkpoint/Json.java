package io.proxytune.core.checkpoint;

import static com.google.common.base.Strings.lenientFormat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.CheckpointException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Reads a checkpoint's JSON files: a key may occur once, and Python's NaN and Infinity pass. */
final class Json {
  // Twice a safetensors header's limit: no honest file comes near.
  private static final long MAX_BYTES = 200_000_000;

  static final ObjectMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxDocumentLength(MAX_BYTES).build())
                  .build())
          .build();

  private static final int SHOWN_CHARACTERS = 80;

  private Json() {}

  static ObjectNode readObject(Path file) {
    JsonNode json = read(file);
    if (json instanceof ObjectNode object) {
      return object;
    }
    throw new CheckpointException(
        file
            + " must hold a JSON object, got "
            + show(json)
            + "; the file is damaged: download or export it again");
  }

  private static JsonNode read(Path file) {
    requireRegularFile(file);
    try (InputStream in = Files.newInputStream(file)) {
      return MAPPER.reader().with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).readTree(in);
    } catch (JsonProcessingException e) {
      throw new CheckpointException(
          file + " is not valid JSON: " + where(e) + "; correct it or download it again", e);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  static String where(JsonProcessingException e) {
    return e.getLocation() == null
        ? detail(e)
        : lenientFormat(
            "line %s, column %s: %s",
            e.getLocation().getLineNr(), e.getLocation().getColumnNr(), detail(e));
  }

  /** Jackson's message, less its note on a source that it was not given. */
  private static String detail(JsonProcessingException e) {
    return e.getOriginalMessage().replaceFirst("(?s)\\s*\\(start marker at \\[Source: .*", "");
  }

  /** Whether a folder lists a file; a link that leads nowhere counts, to be refused by name. */
  static boolean isListed(Path file) {
    return Files.exists(file, LinkOption.NOFOLLOW_LINKS);
  }

  static void requireRegularFile(Path file) {
    if (!Files.exists(file)) {
      throw new CheckpointException(
          "file " + file + " does not exist, or is a link that leads nowhere; download it");
    }
    if (!Files.isRegularFile(file)) {
      throw new CheckpointException(file + " must be a file, got a folder or a special file");
    }
  }

  static CheckpointException unreadable(Path file, IOException e) {
    return new CheckpointException(
        "cannot read " + file + ": " + reason(e) + "; check the file's permissions and the disk",
        e);
  }

  private static String reason(IOException e) {
    if (e instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (e instanceof NoSuchFileException) {
      return "no such file";
    }
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }

  /** A value as a message shows it, cut where it is long. */
  static String show(JsonNode value) {
    return value.isMissingNode() ? "nothing" : cut(value.toString());
  }

  static String cut(String text) {
    return text.length() <= SHOWN_CHARACTERS ? text : text.substring(0, SHOWN_CHARACTERS) + "…";
  }
}
