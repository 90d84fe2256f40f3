package io.proxytune.bench;

import io.proxytune.core.checkpoint.SafetensorsOutput;
import io.proxytune.core.checkpoint.SafetensorsOutput.Entry;
import io.proxytune.core.checkpoint.StoredTensor;
import io.proxytune.core.checkpoint.StoredType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;

/**
 * The bytes of one widened norm: float32, as its scale is no power of two.
 *
 * @param name its name
 * @param size the width of the residual stream
 * @param scale what the weights before are multiplied by
 * @param source the norm before; nothing for one of an added layer
 */
record WideNorm(String name, int size, double scale, Optional<StoredTensor> source)
    implements WideTensor {
  @Override
  public Entry entry() {
    return new Entry(name, StoredType.F32, List.of((long) size));
  }

  @Override
  public void give(SafetensorsOutput.Sink sink) throws IOException {
    ByteBuffer values = ByteBuffer.allocate(4 * size).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < size; i++) {
      values.putFloat(4 * i, 1f);
    }
    if (source.isPresent()) {
      float[] before = TensorBytes.floats(source.get());
      for (int i = 0; i < before.length; i++) {
        values.putFloat(4 * i, (float) (before[i] * scale));
      }
    }
    sink.write(values);
  }
}
