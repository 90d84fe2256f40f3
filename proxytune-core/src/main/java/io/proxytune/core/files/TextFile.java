package io.proxytune.core.files;

import static com.google.common.base.Strings.lenientFormat;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.base.Utf8;
import io.proxytune.CheckpointException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;

/** Reads a whole text file: UTF-8, with or without a byte order mark, of a bounded size. */
public final class TextFile {
  /** Several times what the largest tokenizer files of today have. */
  public static final int MAX_BYTES = 200_000_000;

  private static final char BYTE_ORDER_MARK = '\uFEFF';

  private TextFile() {}

  /**
   * Reads a file.
   *
   * @param file a regular file, or a link to one
   * @return its text, without a byte order mark
   * @throws CheckpointException if it is none, is larger than {@link #MAX_BYTES}, can't be read, is
   *     not UTF-8 or is a Git LFS pointer
   */
  public static String read(Path file) {
    return read(file, MAX_BYTES);
  }

  /**
   * Reads a file of a bounded size.
   *
   * @param file a regular file, or a link to one
   * @param maxBytes the most bytes that it may have
   * @return its text, without a byte order mark
   * @throws CheckpointException if it is none, is larger, can't be read, is not UTF-8 or is a Git
   *     LFS pointer
   */
  public static String read(Path file, int maxBytes) {
    byte[] bytes = bytes(file, maxBytes);
    if (!Utf8.isWellFormed(bytes)) {
      throw notUtf8(file, bytes);
    }
    String text = withoutMark(new String(bytes, UTF_8));
    InputFile.refuseLfsPointer(file, text);
    return text;
  }

  private static byte[] bytes(Path file, int maxBytes) {
    try (InputStream in = InputFile.open(file)) {
      byte[] bytes = in.readNBytes(maxBytes);
      if (in.read() >= 0) {
        throw new CheckpointException(
            lenientFormat(
                "%s must have at most %s bytes, got %s; it is not the file that its name says:"
                    + " download it again",
                file, maxBytes, file.toFile().length()));
      }
      return bytes;
    } catch (IOException e) {
      throw InputFile.unreadable(file, e);
    }
  }

  static String withoutMark(String text) {
    return !text.isEmpty() && text.charAt(0) == BYTE_ORDER_MARK ? text.substring(1) : text;
  }

  private static CheckpointException notUtf8(Path file, byte[] bytes) {
    return new CheckpointException(
        lenientFormat(
            "%s must be UTF-8 text, got %s; save it as UTF-8 or download it again",
            file, isUtf16(bytes) ? "UTF-16 text" : "other bytes on line " + brokenLine(bytes)));
  }

  private static boolean isUtf16(byte[] bytes) {
    int mark = bytes.length < 2 ? 0 : (bytes[0] & 0xFF) << 8 | (bytes[1] & 0xFF);
    return mark == 0xFFFE || mark == 0xFEFF;
  }

  /** A character never goes over a line break, so each line is well-formed or not by itself. */
  private static int brokenLine(byte[] bytes) {
    int line = 1;
    int start = 0;
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == '\n') {
        if (!Utf8.isWellFormed(bytes, start, i - start)) {
          return line;
        }
        line++;
        start = i + 1;
      }
    }
    return line;
  }
}
