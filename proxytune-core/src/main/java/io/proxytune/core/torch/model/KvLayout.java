package io.proxytune.core.torch.model;

import io.proxytune.core.decoder.DecoderSpec;
import io.proxytune.core.torch.ScalarTypes;
import io.proxytune.core.torch.TorchDevice;
import java.util.List;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * How the keys and values of a model's sequences lie in memory. Immutable.
 *
 * @param layers each layer's part
 * @param device where they are
 * @param dtype what they are kept in
 */
record KvLayout(List<Layer> layers, TorchDevice device, ScalarType dtype) {
  /** Room of a sequence that has all of it from the beginning comes in so many tokens. */
  private static final int BLOCK = KvCache.BLOCK;

  /** Room that grows comes in so many tokens. */
  private static final int SMALL_BLOCK = 16;

  /**
   * A layer's part.
   *
   * @param kvHeads the number of key heads, and of value heads
   * @param headDim the width of a head
   * @param shares whether forks may read the first tokens where they are; they get copies otherwise
   */
  record Layer(int kvHeads, int headDim, boolean shares) {
    private long values() {
      return 2L * kvHeads * headDim;
    }
  }

  KvLayout {
    layers = List.copyOf(layers);
  }

  static KvLayout of(DecoderSpec spec, TorchDevice device, ScalarType dtype) {
    return new KvLayout(
        spec.layers().stream()
            .map(layer -> layer.attention())
            .map(
                each ->
                    new Layer(
                        each.kvHeads(),
                        each.headDim(),
                        device.isCpu() && AttentionShape.of(each).takesParts()))
            .toList(),
        device,
        dtype);
  }

  /** Whether forks share anything. */
  boolean shares() {
    return layers.stream().anyMatch(Layer::shares);
  }

  /** A number of tokens, rounded up to whole blocks. */
  static int room(int tokens) {
    return (tokens + BLOCK - 1) / BLOCK * BLOCK;
  }

  /** The same of room that grows. */
  static int smallRoom(int tokens) {
    return (tokens + SMALL_BLOCK - 1) / SMALL_BLOCK * SMALL_BLOCK;
  }

  /** The size of a sequence that shares nothing, in bytes. */
  long bytes(int capacity) {
    return bytes(room(capacity), room(capacity));
  }

  /** The most bytes that a fork takes beside what it shares. */
  long forkBytes(int tokens, int capacity) {
    boolean shared = tokens >= KvCache.LEAST_SHARED;
    return shared ? bytes(smallRoom(capacity - tokens), room(capacity)) : bytes(capacity);
  }

  private long bytes(long roomOfSharing, long roomOfOthers) {
    long values =
        layers.stream()
            .mapToLong(layer -> layer.values() * (layer.shares ? roomOfSharing : roomOfOthers))
            .sum();
    return values * ScalarTypes.bytes(dtype);
  }

  /**
   * Memory for a layer: zeros, since block-wise kernels multiply what lies behind the last token by
   * zero. It is kept beyond the current scope.
   */
  Tensor allocate(int layer, long room) {
    Layer of = layers.get(layer);
    long[] shape = {2L * of.kvHeads, room, of.headDim};
    TensorOptions options = new TensorOptions(dtype).device(new DeviceOptional(device.toTorch()));
    return Native.keep(torch.zeros(shape, options));
  }
}
