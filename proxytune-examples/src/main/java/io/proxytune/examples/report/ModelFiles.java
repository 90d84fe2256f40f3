package io.proxytune.examples.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * What tells a model's files from others: SHA-256 of the whole file up to 64 MiB, as {@code
 * sha256sum} prints it; beyond, of 256 blocks of 4 KiB at equal distances from the first on, with
 * the length as eight bytes before them, which every training changes and which costs no time.
 */
public final class ModelFiles {
  static final long WHOLE = 64L << 20;
  private static final int BLOCK = 4096;
  private static final int BLOCKS = 256;
  private static final String NAMES =
      "(config|adapter_config|tokenizer|tokenizer_config)\\.json|.*\\.(safetensors|bin|model)";

  private ModelFiles() {}

  /** The files of a folder that a model is read from, with their hashes. */
  public static ArrayNode of(Path folder) {
    ArrayNode files = JsonNodeFactory.instance.arrayNode();
    for (Path file : files(folder)) {
      try {
        long bytes = Files.size(file);
        files
            .addObject()
            .put("name", String.valueOf(file.getFileName()))
            .put("bytes", bytes)
            .put("sha256", sha256(file, bytes, WHOLE))
            .put("of", bytes <= WHOLE ? "the whole file" : "its length and 256 blocks of 4 KiB");
      } catch (IOException e) {
        throw new UncheckedIOException(file + " can't be read: " + e.getMessage(), e);
      }
    }
    return files;
  }

  private static List<Path> files(Path folder) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(file -> String.valueOf(file.getFileName()).matches(NAMES))
          .filter(Files::isRegularFile)
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(folder + " can't be read: " + e.getMessage(), e);
    }
  }

  static String sha256(Path file, long bytes, long whole) throws IOException {
    MessageDigest digest = digest();
    try (FileChannel channel = FileChannel.open(file)) {
      if (bytes <= whole) {
        add(channel, 0, bytes, digest);
      } else {
        digest.update(ByteBuffer.allocate(Long.BYTES).putLong(bytes).flip());
        for (int i = 0; i < BLOCKS; i++) {
          long start = (bytes - BLOCK) / (BLOCKS - 1) * i;
          add(channel, start, Math.min(bytes, start + BLOCK), digest);
        }
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static void add(FileChannel channel, long from, long to, MessageDigest digest)
      throws IOException {
    ByteBuffer block = ByteBuffer.allocate(1 << 16);
    for (long at = from; at < to; at += block.limit()) {
      block.clear().limit((int) Math.min(block.capacity(), to - at));
      if (channel.read(block, at) < 0) {
        throw new IOException("it became shorter");
      }
      digest.update(block.flip()); // what was read is its limit now
    }
  }

  private static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
  }
}
