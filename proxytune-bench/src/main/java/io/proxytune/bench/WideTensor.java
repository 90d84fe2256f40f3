package io.proxytune.bench;

import io.proxytune.core.checkpoint.SafetensorsOutput;
import io.proxytune.core.checkpoint.SafetensorsOutput.Entry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A tensor that is computed while it is written. */
interface WideTensor {
  /** Its name, dtype and shape. */
  Entry entry();

  /** Writes its bytes. */
  void give(SafetensorsOutput.Sink sink) throws IOException;

  /** Writes a safetensors file. */
  static void write(Path file, List<? extends WideTensor> tensors) {
    SafetensorsOutput.write(
        file,
        tensors.stream().map(WideTensor::entry).toList(),
        Map.of("format", "pt"),
        (index, sink) -> tensors.get(index).give(sink));
  }
}
