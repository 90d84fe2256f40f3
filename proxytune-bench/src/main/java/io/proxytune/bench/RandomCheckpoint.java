package io.proxytune.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.StringJoiner;

/**
 * Writes checkpoints of seeded random bfloat16 weights: real shapes and real files, so that a
 * benchmark loads and runs them by the way that every model takes.
 */
final class RandomCheckpoint {
  private static final int BLOCK = 1 << 20; // values in the repeated block of random weights
  private static final double DEVIATION = 0.02;

  private RandomCheckpoint() {}

  /** Writes the model into a folder of its name unless it is there. */
  static Path in(Path parent, ModelShape shape, long seed) {
    Path folder = parent.resolve(shape.name() + "-" + seed);
    Path weights = folder.resolve("model.safetensors");
    if (Files.exists(weights)) {
      return folder;
    }
    try {
      Files.createDirectories(folder);
      Files.writeString(folder.resolve("config.json"), shape.configJson());
      Path partial = folder.resolve("model.safetensors.partial");
      write(partial, shape, seed);
      Files.move(partial, weights);
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException("can't write the random checkpoint " + folder, e);
    }
  }

  private static void write(Path file, ModelShape shape, long seed) throws IOException {
    ByteBuffer block = randomBlock(seed);
    ByteBuffer ones = onesBlock(shape.hidden());
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      byte[] header = header(shape).getBytes(StandardCharsets.UTF_8);
      ByteBuffer length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
      writeFully(channel, length.putLong(0, header.length));
      writeFully(channel, ByteBuffer.wrap(header));
      for (Map.Entry<String, long[]> tensor : shape.tensors().entrySet()) {
        boolean norm = tensor.getValue().length == 1;
        repeat(channel, norm ? ones : block, 2 * ModelShape.elements(tensor.getValue()));
      }
    }
  }

  private static String header(ModelShape shape) {
    StringJoiner entries = new StringJoiner(",", "{", "}");
    long offset = 0;
    for (Map.Entry<String, long[]> tensor : shape.tensors().entrySet()) {
      long end = offset + 2 * ModelShape.elements(tensor.getValue());
      entries.add(
          "\""
              + tensor.getKey()
              + "\":{\"dtype\":\"BF16\",\"shape\":"
              + Arrays.toString(tensor.getValue())
              + ",\"data_offsets\":["
              + offset
              + ","
              + end
              + "]}");
      offset = end;
    }
    String json = entries.toString();
    return json + " ".repeat((8 - json.length() % 8) % 8); // data begin at a multiple of 8
  }

  private static ByteBuffer randomBlock(long seed) {
    Random random = new Random(seed);
    ByteBuffer block = ByteBuffer.allocateDirect(2 * BLOCK).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < BLOCK; i++) {
      block.putShort(2 * i, bfloat16((float) (random.nextGaussian() * DEVIATION)));
    }
    return block;
  }

  private static ByteBuffer onesBlock(int count) {
    ByteBuffer block = ByteBuffer.allocateDirect(2 * count).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < count; i++) {
      block.putShort(2 * i, bfloat16(1f));
    }
    return block;
  }

  /** The upper half of binary32. */
  private static short bfloat16(float value) {
    return (short) (Float.floatToRawIntBits(value) >>> 16);
  }

  private static void repeat(FileChannel channel, ByteBuffer block, long bytes) throws IOException {
    for (long left = bytes; left > 0; left -= block.capacity()) {
      block.clear().limit((int) Math.min(left, block.capacity()));
      writeFully(channel, block);
    }
  }

  private static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }
}
