package io.proxytune.core.checkpoint;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.base.Preconditions;
import io.proxytune.CheckpointException;
import io.proxytune.core.files.DurableFiles;
import io.proxytune.core.files.JsonOutput;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Writes safetensors files, tensor by tensor, under a temporary name that becomes the file's own
 * once everything is on the disk: there is never half a file.
 */
public final class SafetensorsOutput {
  private static final int ALIGNMENT = 8;
  private static final int PIECE_BYTES = 1 << 20;

  private SafetensorsOutput() {}

  /**
   * A tensor to write.
   *
   * @param name its name
   * @param type its dtype
   * @param shape the sizes of its dimensions
   */
  public record Entry(String name, StoredType type, List<Long> shape) {
    public Entry {
      shape = List.copyOf(shape);
    }

    /**
     * Its size.
     *
     * @return the size in bytes
     */
    public long bytes() {
      return shape.stream().mapToLong(Long::longValue).reduce(1, Math::multiplyExact)
          * type.bits()
          / 8;
    }
  }

  /** Takes a tensor's bytes. */
  public interface Sink {
    /**
     * Writes all that remains in a buffer.
     *
     * @param bytes little-endian numbers
     * @throws IOException if the disk refuses
     */
    void write(ByteBuffer bytes) throws IOException;
  }

  /** Gives the tensors' bytes. */
  public interface Source {
    /**
     * Gives a tensor.
     *
     * @param index its place among the entries
     * @param sink takes its bytes, in as many pieces as wanted
     * @throws IOException from the sink
     */
    void give(int index, Sink sink) throws IOException;
  }

  /**
   * Writes a file, replacing one that exists.
   *
   * @param file where
   * @param entries the tensors in the order of their bytes
   * @param metadata strings for the header, such as {@code format → pt}, which transformers wants
   * @param source gives the tensors' bytes
   * @throws CheckpointException if it can't be written; a file of that name is then as it was
   */
  public static void write(
      Path file, List<Entry> entries, Map<String, String> metadata, Source source) {
    try {
      DurableFiles.write(
          file,
          out -> {
            writeFully(out, header(entries, metadata));
            for (int i = 0; i < entries.size(); i++) {
              writeTensor(out, entries.get(i), i, source);
            }
          });
    } catch (IOException e) {
      throw new CheckpointException(
          "cannot write " + file + ": " + e + "; check the folder's permissions and the disk", e);
    }
  }

  private static void writeTensor(OutputStream out, Entry entry, int index, Source source)
      throws IOException {
    long[] written = {0};
    source.give(
        index,
        bytes -> {
          written[0] += bytes.remaining();
          writeFully(out, bytes);
        });
    Preconditions.checkState(
        written[0] == entry.bytes(), "%s needs %s bytes, got %s", entry, entry.bytes(), written[0]);
  }

  private static ByteBuffer header(List<Entry> entries, Map<String, String> metadata) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    if (!metadata.isEmpty()) {
      ObjectNode strings = json.putObject("__metadata__");
      metadata.forEach(strings::put);
    }
    long offset = 0;
    for (Entry entry : entries) {
      ObjectNode tensor = json.putObject(entry.name()).put("dtype", entry.type().name());
      ArrayNode shape = tensor.putArray("shape");
      entry.shape().forEach(shape::add);
      tensor.putArray("data_offsets").add(offset).add(offset + entry.bytes());
      offset += entry.bytes();
    }
    return padded(JsonOutput.compact(json).getBytes(UTF_8));
  }

  /** Blanks behind the JSON align the tensors, so that a mapped file can be used in place. */
  private static ByteBuffer padded(byte[] json) {
    int length = (json.length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    ByteBuffer header = ByteBuffer.allocate(8 + length).order(ByteOrder.LITTLE_ENDIAN);
    header.putLong(length).put(json);
    while (header.hasRemaining()) {
      header.put((byte) ' ');
    }
    return header.flip();
  }

  private static void writeFully(OutputStream out, ByteBuffer bytes) throws IOException {
    byte[] piece = new byte[Math.min(bytes.remaining(), PIECE_BYTES)];
    while (bytes.hasRemaining()) {
      int count = Math.min(bytes.remaining(), piece.length);
      bytes.get(piece, 0, count);
      out.write(piece, 0, count);
    }
  }
}
