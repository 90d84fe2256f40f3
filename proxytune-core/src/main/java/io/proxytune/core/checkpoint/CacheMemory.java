package io.proxytune.core.checkpoint;

import io.proxytune.core.decoder.AttentionSpec;
import io.proxytune.core.decoder.LayerSpec;
import io.proxytune.core.decoder.SlidingWindows;
import java.util.function.ToLongFunction;

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
    return bytes(checkpoint, attention -> 1);
  }

  /**
   * Adds up those of a text as long as the context, where layers with a window keep no more than is
   * needed of it.
   *
   * @param checkpoint the checkpoint, loaded as stored on the CPU
   * @return bytes; those of all tokens where nothing slides
   */
  public static long bytesWhereWindowsSlide(DecoderCheckpoint checkpoint) {
    int all = checkpoint.spec().contextLength();
    int room = SlidingWindows.of(checkpoint.spec()).stream().map(SlidingWindows::room).sum();
    return bytes(
        checkpoint,
        attention -> room > 0 && attention.window().isPresent() ? Math.min(room, all) : all);
  }

  private static long bytes(
      DecoderCheckpoint checkpoint, ToLongFunction<AttentionSpec> tokensOfALayer) {
    long values =
        checkpoint.spec().layers().stream()
            .map(LayerSpec::attention)
            .mapToLong(it -> 2L * it.kvHeads() * it.headDim() * tokensOfALayer.applyAsLong(it))
            .sum();
    StoredType stored = checkpoint.storedDType();
    // Attention on the CPU keeps the keys and values of a bfloat16 model in float32.
    return values * (stored == StoredType.BF16 ? Float.SIZE : stored.bits()) / Byte.SIZE;
  }
}
