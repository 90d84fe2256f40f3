package io.proxytune.core.checkpoint;

import io.proxytune.core.decoder.LayerSpec;

/** How much memory a model's KV cache takes. */
public final class CacheMemory {
  private CacheMemory() {}

  /**
   * Adds up the keys and values of a token.
   *
   * @param checkpoint the checkpoint, loaded as stored on the CPU
   * @return bytes
   */
  public static long bytesPerToken(DecoderCheckpoint checkpoint) {
    long values =
        checkpoint.spec().layers().stream()
            .map(LayerSpec::attention)
            .mapToLong(attention -> 2L * attention.kvHeads() * attention.headDim())
            .sum();
    StoredType stored = checkpoint.storedDType();
    // Attention on the CPU keeps the keys and values of a bfloat16 model in float32.
    return values * (stored == StoredType.BF16 ? Float.SIZE : stored.bits()) / Byte.SIZE;
  }
}
