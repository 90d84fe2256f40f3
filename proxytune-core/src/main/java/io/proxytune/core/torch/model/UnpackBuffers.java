package io.proxytune.core.torch.model;

import io.proxytune.core.torch.ScalarTypes;
import java.util.EnumMap;
import java.util.Map;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Memory that a thread unpacks weights into, one part after the other, as long as it lives: where
 * the C library gives memory back in between, clearing fresh pages takes several times as long as
 * the unpacking.
 */
final class UnpackBuffers {
  /** What a part is made of on its way. */
  enum Use {
    STEPS,
    NUMBERS,
    WEIGHTS
  }

  private static final ThreadLocal<UnpackBuffers> OF_THREAD =
      ThreadLocal.withInitial(UnpackBuffers::new);

  private final Map<Use, Tensor> bytes = new EnumMap<>(Use.class);

  private UnpackBuffers() {}

  static UnpackBuffers ofThread() {
    return OF_THREAD.get();
  }

  /**
   * A contiguous tensor with anything in it, until the same use is asked for again.
   *
   * @param shape its shape
   */
  Tensor take(Use use, ScalarType dtype, long... shape) {
    long count = LongStream.of(shape).reduce(1, Math::multiplyExact);
    long needed = dtype == ScalarType.Byte ? count : count * ScalarTypes.bytes(dtype);
    Tensor buffer = bytes.get(use);
    if (buffer == null || buffer.numel() < needed) {
      if (buffer != null) {
        buffer.close();
      }
      long[] size = {needed};
      buffer = Native.keep(torch.empty(size, new TensorOptions(ScalarType.Byte), null));
      bytes.put(use, buffer);
    }
    return buffer.narrow(0, 0, needed).view(dtype).view(shape);
  }
}
