package io.proxytune.examples.batch;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/** The lines of a file that hold something, one after the other. For one thread. */
public final class InputLines implements AutoCloseable {
  private final String name;
  private final InputStream in;
  private long number;

  private InputLines(String name, InputStream in) {
    this.name = name;
    this.in = in;
  }

  /**
   * A line.
   *
   * @param number its number in the file, from 1
   * @param bytes what it holds, without the line break
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by no one
  public record Line(long number, byte[] bytes) {
    /**
     * Its text.
     *
     * @throws BadLineException if it is not UTF-8
     */
    public String text() {
      try {
        return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      } catch (CharacterCodingException e) {
        throw new BadLineException("it is not UTF-8 text", e);
      }
    }

    private boolean isBlank() {
      for (byte each : bytes) {
        if (each != ' ' && each != '\t' && each != '\r') {
          return false;
        }
      }
      return true;
    }
  }

  /**
   * Opens the file of {@code --input}.
   *
   * @throws IllegalArgumentException if it can't be read
   */
  public static InputLines open(Path file) {
    return open("--input", file);
  }

  /**
   * Opens a file.
   *
   * @param option what named it
   * @throws IllegalArgumentException if it can't be read
   */
  public static InputLines open(String option, Path file) {
    String name = option + " " + file;
    try {
      return new InputLines(name, new BufferedInputStream(Files.newInputStream(file), 1 << 16));
    } catch (NoSuchFileException e) {
      throw unreadable(name, "there is no such file", e);
    } catch (AccessDeniedException e) {
      throw unreadable(name, "permission denied", e);
    } catch (IOException e) {
      throw unreadable(name, e.getMessage(), e);
    }
  }

  private static IllegalArgumentException unreadable(String name, String why, IOException cause) {
    return new IllegalArgumentException(name + " can't be read: " + why, cause);
  }

  /** How many lines hold something. */
  public static long count(Path file) {
    try (InputLines lines = open(file)) {
      long count = 0;
      while (lines.next().isPresent()) {
        count++;
      }
      return count;
    }
  }

  /** The next line that is not blank. */
  public Optional<Line> next() {
    try {
      Optional<Line> line = read();
      while (line.isPresent() && line.get().isBlank()) {
        line = read();
      }
      return line;
    } catch (IOException e) {
      throw unreadable(name, e.getMessage(), e);
    }
  }

  private Optional<Line> read() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    int next = in.read();
    if (next < 0) {
      return Optional.empty();
    }
    while (next >= 0 && next != '\n') {
      bytes.write(next);
      next = in.read();
    }
    number++;
    return Optional.of(new Line(number, bytes.toByteArray()));
  }

  @Override
  public void close() {
    try {
      in.close();
    } catch (IOException e) {
      throw unreadable(name, e.getMessage(), e);
    }
  }
}
