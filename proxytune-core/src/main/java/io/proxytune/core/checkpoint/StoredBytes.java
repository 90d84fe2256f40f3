package io.proxytune.core.checkpoint;

import io.proxytune.core.files.FileBytes;
import io.proxytune.core.files.InputFile;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Compares tensors on disk. */
final class StoredBytes {
  private static final int CHUNK_BYTES = 1 << 20;

  private StoredBytes() {}

  /** Whether two tensors have the same dtype, shape and bytes. */
  static boolean equal(StoredTensor a, StoredTensor b) {
    if (a.type() != b.type() || !a.shape().equals(b.shape())) {
      return false;
    }
    try {
      for (long at = 0; at < a.byteLength(); at += CHUNK_BYTES) {
        int count = (int) Math.min(CHUNK_BYTES, a.byteLength() - at);
        if (!read(a, at, count).equals(read(b, at, count))) {
          return false;
        }
      }
      return true;
    } catch (IOException e) {
      throw InputFile.unreadable(a.file(), e);
    }
  }

  private static ByteBuffer read(StoredTensor tensor, long from, int count) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(count);
    FileBytes.read(tensor.file(), tensor.offset() + from, bytes);
    return bytes.flip();
  }
}
