package io.proxytune.bench;

import static com.google.common.base.Preconditions.checkArgument;

import io.proxytune.core.checkpoint.SafetensorsOutput;
import io.proxytune.core.checkpoint.SafetensorsOutput.Entry;
import io.proxytune.core.checkpoint.StoredTensor;
import io.proxytune.core.checkpoint.StoredType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The bytes of one widened matrix.
 *
 * @param name its name
 * @param type its dtype, F32 or BF16
 * @param growth where its elements come from
 * @param seed of what is random in it, together with the name
 * @param source the matrix before; nothing where all of it is new
 */
record WideMatrix(
    String name, StoredType type, Widening.Matrix growth, long seed, Optional<StoredTensor> source)
    implements WideTensor {
  WideMatrix {
    checkArgument(
        source.isEmpty() || source.get().type() == type,
        "%s must be %s, got %s",
        name,
        type,
        source);
  }

  @Override
  public Entry entry() {
    return new Entry(
        name, type, List.of((long) growth.rows().size(), (long) growth.columns().size()));
  }

  @Override
  public void give(SafetensorsOutput.Sink sink) throws IOException {
    RandomBlock random = RandomBlock.of(type, seed + name.hashCode());
    Optional<ByteBuffer> values = source.isPresent() ? Optional.of(bytes()) : Optional.empty();
    int width = type.bits() / 8;
    byte[] row = new byte[growth.columns().size() * width];
    for (int i = 0; i < growth.rows().size(); i++) {
      fill(row, random, i);
      int before = growth.rows().source(i);
      if (values.isPresent() && before != Axis.ADDED) {
        copyRow(values.get(), before, row, width);
      }
      sink.write(ByteBuffer.wrap(row));
    }
  }

  private ByteBuffer bytes() throws IOException {
    return TensorBytes.read(source.orElseThrow());
  }

  private void fill(byte[] row, RandomBlock random, int index) {
    if (growth.writes()) {
      Arrays.fill(row, (byte) 0);
    } else {
      random.fill(row, index);
    }
  }

  private void copyRow(ByteBuffer values, int before, byte[] row, int width) {
    int sourceColumns = Math.toIntExact(source.orElseThrow().shape().get(1));
    for (int j = 0; j < growth.columns().size(); j++) {
      int column = growth.columns().source(j);
      if (column != Axis.ADDED) {
        int at = (before * sourceColumns + column) * width;
        values.get(at, row, j * width, width);
      }
    }
  }
}
