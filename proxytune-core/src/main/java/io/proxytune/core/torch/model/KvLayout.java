package io.proxytune.core.torch.model;

import io.proxytune.core.decoder.AttentionSpec;
import io.proxytune.core.decoder.LayerSpec;
import io.proxytune.core.decoder.SlidingWindows;
import io.proxytune.core.torch.ScalarTypes;
import io.proxytune.core.torch.TorchDevice;
import java.util.List;
import java.util.OptionalInt;
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
   * @param window of so many tokens, itself included, that a token sees, if no others are kept
   * @param device where they are
   * @param dtype what they are kept in
   */
  record Layer(
      int kvHeads,
      int headDim,
      boolean shares,
      OptionalInt window,
      TorchDevice device,
      ScalarType dtype) {
    static Layer of(AttentionSpec attention, boolean slides, TorchDevice device, ScalarType dtype) {
      return new Layer(
          attention.kvHeads(),
          attention.headDim(),
          device.isCpu() && AttentionShape.of(attention).takesParts(),
          slides ? attention.window() : OptionalInt.empty(),
          device,
          dtype);
    }

    /** Whether old tokens make place for new ones. */
    boolean slides() {
      return window.isPresent();
    }

    private long bytes() {
      return 2L * kvHeads * headDim * ScalarTypes.bytes(dtype);
    }
  }

  KvLayout {
    layers = List.copyOf(layers);
  }

  /**
   * Beside the layers.
   *
   * @param windowsSlide whether layers with a window keep no more than it, where they can
   */
  static KvLayout of(Decoder decoder, boolean windowsSlide) {
    List<LayerSpec> layers = decoder.spec().layers();
    boolean slides = windowsSlide && SlidingWindows.of(decoder.spec()).isPresent();
    return new KvLayout(
        IntStream.range(0, layers.size())
            .mapToObj(
                i ->
                    Layer.of(
                        layers.get(i).attention(),
                        slides,
                        decoder.devices().get(i),
                        decoder.cacheDType(i)))
            .toList());
  }

  /** The largest window of those that slide, which all that do slide by. */
  private OptionalInt window() {
    return layers.stream().flatMapToInt(layer -> layer.window().stream()).max();
  }

  /** Whether any layer's window slides. */
  boolean slides() {
    return window().isPresent();
  }

  /** The first token that one at a position sees in layers whose windows slide. */
  int firstSeen(int position) {
    return window().isPresent() ? Math.max(0, position - window().getAsInt() + 1) : 0;
  }

  /** The first that is kept there for a pass from a position on: the begin of a block. */
  int firstKept(int position) {
    return Math.max(0, firstSeen(position) - SlidingWindows.MOST_CUT) / BLOCK * BLOCK;
  }

  /** How many tokens a layer has room for that shares none. */
  int roomOfOwn(int layer, int capacity) {
    return layers.get(layer).slides() ? roomOfWindows(capacity) : room(capacity);
  }

  /** The same of layers whose windows slide, of which there is one; a pass may take more. */
  int roomOfWindows(int capacity) {
    return Math.min(room(capacity), room(SlidingWindows.room(window().orElseThrow())));
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
    return bytes(room(capacity), capacity);
  }

  /** The most bytes that a fork takes beside what it shares. */
  long forkBytes(int tokens, int capacity) {
    boolean shared = tokens >= KvCache.LEAST_SHARED;
    return shared ? bytes(smallRoom(capacity - tokens), capacity) : bytes(capacity);
  }

  private long bytes(long roomOfSharing, int capacity) {
    long bytes = 0;
    for (int i = 0; i < layers.size(); i++) {
      long room = layers.get(i).shares() ? roomOfSharing : roomOfOwn(i, capacity);
      bytes += layers.get(i).bytes() * room;
    }
    return bytes;
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
