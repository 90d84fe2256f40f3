package io.proxytune.bench;

import io.proxytune.core.checkpoint.StoredTensor;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;

/** Reads small tensors from disk. */
final class TensorBytes {
  private TensorBytes() {}

  /** All bytes of a tensor of less than 2 GB. */
  static ByteBuffer read(StoredTensor tensor) throws IOException {
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.toIntExact(tensor.byteLength())).order(ByteOrder.LITTLE_ENDIAN);
    try (FileChannel channel = FileChannel.open(tensor.file())) {
      while (bytes.hasRemaining()) {
        if (channel.read(bytes, tensor.offset() + bytes.position()) < 0) {
          throw new EOFException(tensor + " is cut off");
        }
      }
    }
    return bytes.flip();
  }

  /** The values of a float32 or bfloat16 tensor. */
  static float[] floats(StoredTensor tensor) throws IOException {
    ByteBuffer bytes = read(tensor);
    float[] values = new float[Math.toIntExact(tensor.elements())];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          switch (tensor.type()) {
            case F32 -> bytes.getFloat(4 * i);
            case BF16 -> Float.intBitsToFloat(bytes.getShort(2 * i) << 16);
            default -> throw new IllegalArgumentException("expected F32 or BF16, got " + tensor);
          };
    }
    return values;
  }
}
