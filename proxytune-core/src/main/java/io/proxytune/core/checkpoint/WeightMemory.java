package io.proxytune.core.checkpoint;

import static java.util.stream.Collectors.toSet;

import io.proxytune.core.Quantization;
import io.proxytune.core.decoder.ExpertsSpec;
import io.proxytune.core.decoder.HeadSpec;
import io.proxytune.core.decoder.LayerSpec;
import io.proxytune.core.decoder.LinearSpec;
import java.util.Set;
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
    Set<LinearSpec> routing =
        checkpoint.spec().layers().stream().flatMap(WeightMemory::routing).collect(toSet());
    long saved =
        checkpoint
            .spec()
            .linears()
            .filter(linear -> !routing.contains(linear))
            .mapToLong(linear -> saved(linear, quantization, bytes))
            .sum();
    return all - saved - savedByHead(checkpoint, quantization, bytes);
  }

  /** What chooses a layer's experts, which is never rounded. */
  static Stream<LinearSpec> routing(LayerSpec layer) {
    return layer.feedForward() instanceof ExpertsSpec experts
        ? Stream.concat(Stream.of(experts.router()), experts.sharedGate().stream())
        : Stream.empty();
  }

  private static long saved(LinearSpec linear, Quantization quantization, int bytes) {
    return linear.elements() * bytes - quantized(linear, quantization);
  }

  private static long savedByHead(
      DecoderCheckpoint checkpoint, Quantization quantization, int bytes) {
    HeadSpec head = checkpoint.spec().head();
    if (!quantization.head()) {
      return 0;
    }
    return head.tied()
        ? -quantized(head.linear(), quantization)
        : saved(head.linear(), quantization, bytes);
  }

  private static long quantized(LinearSpec linear, Quantization quantization) {
    return quantization.bytes(linear.out(), linear.in());
  }
}
