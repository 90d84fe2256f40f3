package io.proxytune.core.torch.training;

import io.proxytune.core.checkpoint.SafetensorsOutput;
import java.io.IOException;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Small things about tensors. */
final class Tensors {
  private static final long CHUNK_BYTES = 1 << 26;

  private Tensors() {}

  /** Makes an object outlive the scope it was made in; its owner closes it. */
  static <P extends Pointer> P keep(P pointer) {
    pointer.retainReference();
    return pointer;
  }

  static Tensor zeros(ScalarType type, long... shape) {
    return torch.zeros(shape, new TensorOptions(type));
  }

  /** An int64 vector. */
  static Tensor upload(long[] values) {
    Tensor tensor =
        torch.empty(
            new long[] {values.length},
            new TensorOptions(ScalarType.Long),
            new MemoryFormatOptional());
    tensor.data_ptr_long().put(values);
    return tensor;
  }

  /** Gives the bytes of a contiguous tensor on the CPU. */
  static void write(Tensor tensor, SafetensorsOutput.Sink sink) throws IOException {
    long bytes = tensor.numel() * tensor.element_size();
    for (long at = 0; at < bytes; at += CHUNK_BYTES) {
      BytePointer data = new BytePointer(tensor.data_ptr());
      sink.write(data.position(at).limit(Math.min(bytes, at + CHUNK_BYTES)).asByteBuffer());
    }
  }
}
