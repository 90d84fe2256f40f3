package io.proxytune.core.torch.model;

import io.proxytune.core.torch.TorchRuntime;
import org.jspecify.annotations.Nullable;

/**
 * What computes a model's passes.
 *
 * @param decoder its pieces, that compute any pass
 * @param scripted computes passes of few tokens; null if they are like all others
 * @param tiled its weights that tiles and vectors both can read
 */
record Computation(Decoder decoder, @Nullable ScriptedDecoder scripted, TiledWeights tiled) {
  void free() {
    if (scripted != null) {
      scripted.close();
    }
    decoder.close();
    TorchRuntime.trimMemory();
  }
}
