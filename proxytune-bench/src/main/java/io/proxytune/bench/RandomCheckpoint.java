package io.proxytune.bench;

import io.proxytune.bench.Widening.Matrix;
import io.proxytune.core.checkpoint.StoredType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Writes checkpoints of seeded random bfloat16 weights: real shapes and real files, so that a
 * benchmark loads and runs them by the way that every model takes.
 */
final class RandomCheckpoint {
  private RandomCheckpoint() {}

  /** Writes the model into a folder of its name unless it is there. */
  static Path in(Path parent, ModelShape shape, long seed) {
    return DataFolder.cached(
        parent.resolve(shape.name() + "-" + seed),
        "random, seed " + seed + ", " + shape,
        folder -> write(folder, shape, seed));
  }

  private static void write(Path folder, ModelShape shape, long seed) throws IOException {
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("config.json"), shape.configJson());
    List<WideTensor> tensors = new ArrayList<>();
    shape.tensors().forEach((name, size) -> tensors.add(tensor(name, size, seed)));
    WideTensor.write(folder.resolve("model.safetensors"), tensors);
  }

  /** A tensor of which everything is new. */
  static WideTensor tensor(String name, long[] size, long seed) {
    if (size.length == 1) {
      return new WideNorm(name, (int) size[0], 1, Optional.empty());
    }
    Matrix matrix = new Matrix(Axis.grown(0, (int) size[0]), Axis.grown(0, (int) size[1]), false);
    return new WideMatrix(name, StoredType.BF16, matrix, seed, Optional.empty());
  }
}
