package io.proxytune.core;

import io.proxytune.core.checkpoint.DecoderCheckpoint;
import io.proxytune.core.checkpoint.StoredTensor;
import io.proxytune.core.decoder.LinearSpec;
import io.proxytune.core.torch.model.RoundingOracle;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.Stream;

/** A copy of an F32 checkpoint whose weights are what quantization leaves of them. */
final class RoundedCheckpoint {
  private RoundedCheckpoint() {}

  static Path write(Path folder, Path to, Quantization quantization) {
    copy(folder, to);
    DecoderCheckpoint checkpoint = DecoderCheckpoint.open(to);
    Stream<LinearSpec> head =
        quantization.head() ? Stream.of(checkpoint.spec().head().linear()) : Stream.empty();
    Stream.concat(checkpoint.spec().linears(), head)
        .forEach(linear -> round(checkpoint.tensor(linear.weight()), quantization));
    return to;
  }

  private static void copy(Path from, Path to) {
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(file.getFileName().toString()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void round(StoredTensor stored, Quantization quantization) {
    ByteBuffer bytes =
        ByteBuffer.allocate((int) stored.byteLength()).order(ByteOrder.LITTLE_ENDIAN);
    try (FileChannel file =
        FileChannel.open(stored.file(), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      file.read(bytes, stored.offset());
      round(bytes.rewind().asFloatBuffer(), stored.shape().get(1).intValue(), quantization);
      file.write(bytes, stored.offset());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void round(FloatBuffer values, int columns, Quantization quantization) {
    float[][] weight = new float[values.remaining() / columns][columns];
    for (int row = 0; row < weight.length; row++) {
      values.get(row * columns, weight[row]);
    }
    double[][] rounded =
        quantization.scheme() == Quantization.Scheme.INT8
            ? RoundingOracle.int8(weight)
            : RoundingOracle.int4(weight, quantization.group());
    for (double[] row : rounded) {
      for (double value : row) {
        values.put((float) value);
      }
    }
  }
}
