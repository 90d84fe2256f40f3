package io.proxytune.core.checkpoint;

import io.proxytune.core.Quantization;
import io.proxytune.core.decoder.HeadSpec;
import io.proxytune.core.decoder.LinearSpec;

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
    long saved =
        checkpoint.spec().linears().mapToLong(linear -> saved(linear, quantization, bytes)).sum();
    return all - saved - savedByHead(checkpoint, quantization, bytes);
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
