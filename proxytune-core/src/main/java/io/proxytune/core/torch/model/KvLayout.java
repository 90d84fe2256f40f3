package io.proxytune.core.torch.model;

import io.proxytune.core.decoder.AttentionSpec;
import io.proxytune.core.decoder.LayerSpec;
import io.proxytune.core.torch.ScalarTypes;
import io.proxytune.core.torch.TorchDevice;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * How the keys and values of a model's sequences lie in memory. Immutable.
 *
 * @param layers each layer's part
 */
record KvLayout(List<Layer> layers) {
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
   * @param device where they are
   * @param dtype what they are kept in
   */
  record Layer(int kvHeads, int headDim, boolean shares, TorchDevice device, ScalarType dtype) {
    static Layer of(AttentionSpec attention, TorchDevice device, ScalarType dtype) {
      boolean shares = device.isCpu() && AttentionShape.of(attention).takesParts();
      return new Layer(attention.kvHeads(), attention.headDim(), shares, device, dtype);
    }

    private long bytes() {
      return 2L * kvHeads * headDim * ScalarTypes.bytes(dtype);
    }
  }

  KvLayout {
    layers = List.copyOf(layers);
  }

  /** Beside the layers. */
  static KvLayout of(Decoder decoder) {
    List<LayerSpec> layers = decoder.spec().layers();
    return new KvLayout(
        IntStream.range(0, layers.size())
            .mapToObj(
                i ->
                    Layer.of(
                        layers.get(i).attention(), decoder.devices().get(i), decoder.cacheDType(i)))
            .toList());
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
    return layers.stream()
        .mapToLong(layer -> layer.bytes() * (layer.shares ? roomOfSharing : roomOfOthers))
        .sum();
  }

  /**
   * Memory for a layer: zeros, since block-wise kernels multiply what lies behind the last token by
   * zero. It is kept beyond the current scope.
   */
  Tensor allocate(int layer, long room) {
    Layer of = layers.get(layer);
    long[] shape = {2L * of.kvHeads, room, of.headDim};
    TensorOptions options =
        new TensorOptions(of.dtype).device(new DeviceOptional(of.device.toTorch()));
    return Native.keep(torch.zeros(shape, options));
  }
}
