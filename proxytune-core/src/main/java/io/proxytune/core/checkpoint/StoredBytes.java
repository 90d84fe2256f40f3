package io.proxytune.core.checkpoint;

import io.proxytune.core.files.InputFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** Compares tensors on disk. */
final class StoredBytes {
  private static final int CHUNK_BYTES = 1 << 20;

  private StoredBytes() {}

  /** Whether two tensors have the same dtype, shape and bytes. */
  static boolean equal(StoredTensor a, StoredTensor b) {
    if (a.type() != b.type() || !a.shape().equals(b.shape())) {
      return false;
    }
    try (FileChannel first = FileChannel.open(a.file());
        FileChannel second = FileChannel.open(b.file())) {
      for (long at = 0; at < a.byteLength(); at += CHUNK_BYTES) {
        int count = (int) Math.min(CHUNK_BYTES, a.byteLength() - at);
        if (!read(first, a.offset() + at, count).equals(read(second, b.offset() + at, count))) {
          return false;
        }
      }
      return true;
    } catch (IOException e) {
      throw InputFile.unreadable(a.file(), e);
    }
  }

  private static ByteBuffer read(FileChannel channel, long position, int count) throws IOException {
    return SafetensorsFile.readFully(channel, position, count);
  }
}
