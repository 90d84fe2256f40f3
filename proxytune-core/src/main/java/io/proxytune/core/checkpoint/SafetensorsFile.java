package io.proxytune.core.checkpoint;

import static com.google.common.base.Strings.lenientFormat;
import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.proxytune.CheckpointException;
import io.proxytune.core.files.FileBytes;
import io.proxytune.core.files.InputFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Reads which tensors a safetensors file holds. The file is an 8-byte little-endian header length,
 * a JSON header, and the tensors' bytes.
 */
public final class SafetensorsFile {
  static final String DAMAGED = "; the file is truncated or damaged: download or export it again";

  private static final int LENGTH_BYTES = 8;
  // The format's own limit. The header is read into memory, so a length is checked before it is
  // believed.
  private static final long MAX_HEADER_BYTES = 100_000_000;

  private SafetensorsFile() {}

  /**
   * What a header says.
   *
   * @param tensors the tensors by name, in the order of their bytes
   * @param metadata the writer's strings, empty where there are none
   */
  public record Contents(Map<String, StoredTensor> tensors, Map<String, String> metadata) {}

  /**
   * Reads and checks a file's header.
   *
   * @param file a safetensors file
   * @return its tensors by name, in the order of their bytes
   * @throws CheckpointException if it can't be read or breaks a rule of the format
   */
  public static Map<String, StoredTensor> read(Path file) {
    return contents(file).tensors();
  }

  /**
   * Reads and checks a file's header, with what its writer said of it.
   *
   * @param file a safetensors file
   * @return its tensors and its metadata
   * @throws CheckpointException if it can't be read or breaks a rule of the format
   */
  public static Contents contents(Path file) {
    InputFile.requireRegular(file);
    try {
      return contents(file, Files.size(file));
    } catch (IOException e) {
      throw InputFile.unreadable(file, e);
    }
  }

  private static Contents contents(Path file, long size) throws IOException {
    int beginning = (int) Math.min(size, InputFile.lfsPointerLength());
    InputFile.refuseLfsPointer(file, new String(bytes(file, 0, beginning).array(), ISO_8859_1));
    if (size < LENGTH_BYTES) {
      throw new CheckpointException(
          lenientFormat(
              "safetensors file %s must have at least 8 bytes, got %s%s", file, size, DAMAGED));
    }
    long headerLength = bytes(file, 0, LENGTH_BYTES).getLong();
    checkHeaderLength(file, headerLength, size - LENGTH_BYTES);
    byte[] header = bytes(file, LENGTH_BYTES, (int) headerLength).array();
    long dataStart = LENGTH_BYTES + headerLength;
    return new SafetensorsHeader(file, dataStart, size - dataStart).parse(header);
  }

  private static void checkHeaderLength(Path file, long length, long available) {
    if (length < 0 || length > MAX_HEADER_BYTES) {
      throw new CheckpointException(
          lenientFormat(
              "safetensors file %s: its header length must lie in [0, %s], got %s%s",
              file, MAX_HEADER_BYTES, Long.toUnsignedString(length), DAMAGED));
    }
    if (length > available) {
      throw new CheckpointException(
          lenientFormat(
              "safetensors file %s: its header must have %s bytes, but only %s follow%s",
              file, length, available, DAMAGED));
    }
  }

  private static ByteBuffer bytes(Path file, long offset, int count) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
    FileBytes.read(file, offset, buffer);
    return buffer.flip();
  }
}
