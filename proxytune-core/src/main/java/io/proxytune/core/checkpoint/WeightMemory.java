package io.proxytune.core.checkpoint;

import io.proxytune.core.Quantization;
import io.proxytune.core.checkpoint.DecoderTensors.LayerTensors;
import io.proxytune.core.checkpoint.DecoderTensors.LinearTensors;
import java.util.stream.Stream;

/** How much memory a checkpoint's weights take. */
public final class WeightMemory {
  private WeightMemory() {}

  /**
   * Adds up what every tensor takes once it is loaded. A tied head counts only where it is
   * quantized, since it is the embedding otherwise.
   *
   * @param checkpoint the checkpoint
   * @param quantization how its linear layers are rounded
   * @param bytes the bytes of a weight that is not
   * @return bytes
   */
  public static long of(DecoderCheckpoint checkpoint, Quantization quantization, int bytes) {
    long all = checkpoint.parameters() * bytes;
    if (!quantization.isSome()) {
      return all;
    }
    DecoderTensors tensors = checkpoint.tensors();
    long saved =
        tensors.layers().stream()
            .flatMap(WeightMemory::linears)
            .mapToLong(linear -> saved(linear.weight(), quantization, bytes))
            .sum();
    return all - saved - savedByHead(checkpoint, quantization, bytes);
  }

  private static long saved(StoredTensor weight, Quantization quantization, int bytes) {
    return weight.elements() * bytes - quantized(weight, quantization);
  }

  private static long savedByHead(
      DecoderCheckpoint checkpoint, Quantization quantization, int bytes) {
    StoredTensor head = checkpoint.tensors().head();
    if (!quantization.head()) {
      return 0;
    }
    return checkpoint.config().tiedHead()
        ? -quantized(head, quantization)
        : saved(head, quantization, bytes);
  }

  private static long quantized(StoredTensor weight, Quantization quantization) {
    return quantization.bytes(weight.shape().get(0), weight.shape().get(1));
  }

  private static Stream<LinearTensors> linears(LayerTensors layer) {
    return Stream.of(
        layer.query(),
        layer.key(),
        layer.value(),
        layer.output(),
        layer.gate(),
        layer.up(),
        layer.down());
  }
}
