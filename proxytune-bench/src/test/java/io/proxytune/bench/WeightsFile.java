package io.proxytune.bench;

import io.proxytune.core.checkpoint.SafetensorsFile;
import io.proxytune.core.checkpoint.StoredTensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** Looks into a checkpoint's weights. */
final class WeightsFile {
  private WeightsFile() {}

  static double shareOfZeros(Path checkpoint, String name) throws IOException {
    Map<String, StoredTensor> tensors =
        SafetensorsFile.read(checkpoint.resolve("model.safetensors"));
    float[] values = TensorBytes.floats(tensors.get(name));
    int zeros = 0;
    for (float value : values) {
      zeros += value == 0 ? 1 : 0;
    }
    return (double) zeros / values.length;
  }
}
