package io.proxytune.core.files;

import static com.google.common.base.Strings.lenientFormat;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.proxytune.CheckpointException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Reads a text file line by line: UTF-8, with or without a byte order mark, of any size, in lines
 * of a bounded length. For one thread.
 */
public final class TextLines implements AutoCloseable {
  /** A book in one line. */
  static final int MAX_LINE = 20_000_000;

  private final Path file;
  private final Reader reader;
  private final char[] buffer = new char[1 << 14];
  private int at;
  private int end;
  private int number;

  /** A line feed that follows a carriage return belongs to it. */
  private boolean afterReturn;

  private TextLines(Path file, InputStream in) {
    this.file = file;
    this.reader =
        new InputStreamReader(
            in,
            UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT));
  }

  /**
   * Opens a file.
   *
   * @param file a regular file, or a link to one
   * @return its lines; the caller closes it
   * @throws CheckpointException if it is none or can't be opened
   */
  public static TextLines open(Path file) {
    try {
      return new TextLines(file, InputFile.open(file));
    } catch (IOException e) {
      throw InputFile.unreadable(file, e);
    }
  }

  /**
   * Reads the next line.
   *
   * @return the line without its end, or null after the last one
   * @throws CheckpointException if it can't be read, is not UTF-8 or too long, or if the file is a
   *     Git LFS pointer
   */
  public @Nullable String next() {
    try {
      String line = readLine();
      number++;
      if (number == 1 && line != null) {
        line = TextFile.withoutMark(line);
        InputFile.refuseLfsPointer(file, line);
      }
      return line;
    } catch (CharacterCodingException e) {
      throw new CheckpointException(
          lenientFormat(
              "%s must be UTF-8 text, got other bytes on line %s or after it; save it as UTF-8",
              file, number + 1),
          e);
    } catch (IOException e) {
      throw InputFile.unreadable(file, e);
    }
  }

  private @Nullable String readLine() throws IOException {
    if (afterReturn && more() && buffer[at] == '\n') {
      at++;
    }
    afterReturn = false;
    if (!more()) {
      return null;
    }
    StringBuilder line = new StringBuilder();
    while (more() && !takeRest(line)) {}
    return line.toString();
  }

  /** Whether a character is left, in the buffer now. */
  private boolean more() throws IOException {
    if (at == end) {
      at = 0;
      end = Math.max(0, reader.read(buffer));
    }
    return at < end;
  }

  /** Takes what the buffer holds of a line; returns whether that was its end. */
  private boolean takeRest(StringBuilder line) {
    int from = at;
    while (at < end && buffer[at] != '\n' && buffer[at] != '\r') {
      at++;
    }
    line.append(buffer, from, at - from);
    checkLength(line);
    if (at == end) {
      return false;
    }
    afterReturn = buffer[at++] == '\r';
    return true;
  }

  private void checkLength(StringBuilder line) {
    if (line.length() > MAX_LINE) {
      throw new CheckpointException(
          lenientFormat(
              "%s, line %s: a line must have at most %s characters, got more; give a text with a"
                  + " record on each line",
              file, number + 1, MAX_LINE));
    }
  }

  /**
   * How many lines were read.
   *
   * @return the number of the last line, from 1; 0 before the first one
   */
  public int number() {
    return number;
  }

  @Override
  public void close() {
    try {
      reader.close();
    } catch (IOException e) {
      throw InputFile.unreadable(file, e);
    }
  }
}
