package io.proxytune.examples.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Reads what users point at, and says what is wrong with it. */
public final class TextFiles {
  private TextFiles() {}

  /** Reads a UTF-8 file, or standard input where it is named {@code -}. */
  public static String read(String option, Path file, InputStream in) {
    try {
      byte[] bytes = file.toString().equals("-") ? in.readAllBytes() : Files.readAllBytes(file);
      return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw unreadable(option, file, "it is not UTF-8 text", e);
    } catch (NoSuchFileException e) {
      throw unreadable(option, file, "there is no such file", e);
    } catch (AccessDeniedException e) {
      throw unreadable(option, file, "permission denied", e);
    } catch (IOException e) {
      throw unreadable(option, file, e.getMessage(), e);
    }
  }

  private static IllegalArgumentException unreadable(
      String option, Path file, String reason, IOException cause) {
    return new IllegalArgumentException(option + " " + file + " can't be read: " + reason, cause);
  }
}
