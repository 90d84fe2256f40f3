package io.proxytune.core.torch.model;

import io.proxytune.core.checkpoint.DecoderConfig;
import io.proxytune.core.torch.ScalarTypes;
import io.proxytune.core.torch.TorchDevice;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The keys and values of one sequence, allocated once: {@code [layers, 2 · kvHeads, room,
 * headDim]}, keys before values. Head by head, so that attention reads memory in order. For one
 * thread at a time.
 */
final class KvCache implements AutoCloseable {
  /** Kernels that read whole blocks may read up to the next multiple of this. */
  static final int BLOCK = 64;

  private final DecoderConfig config;
  private final Tensor store;
  private final IValue script; // the same
  private final long room; // capacity, rounded up to whole blocks

  KvCache(DecoderConfig config, int capacity, TorchDevice device, ScalarType dtype) {
    this.config = config;
    this.room = (capacity + BLOCK - 1L) / BLOCK * BLOCK;
    // Zeros, since block-wise kernels multiply what lies behind the last token by zero.
    this.store =
        Native.keep(
            torch.zeros(
                new long[] {config.layers(), 2L * config.kvHeads(), room, config.headDim()},
                new TensorOptions(dtype).device(new DeviceOptional(device.toTorch()))));
    this.script = Native.keep(new IValue(store));
  }

  /** All of it, {@code [layers, 2 · kvHeads, room, headDim]}; it stays this cache's. */
  IValue script() {
    return script;
  }

  /** The size of a cache, in bytes. */
  static long bytes(DecoderConfig config, int capacity, ScalarType dtype) {
    long room = (capacity + BLOCK - 1L) / BLOCK * BLOCK;
    return 2L
        * config.layers()
        * config.kvHeads()
        * room
        * config.headDim()
        * ScalarTypes.bytes(dtype);
  }

  /** Copies the first tokens of another cache of the same model. */
  void copyFrom(KvCache other, int tokens) {
    if (tokens > 0) {
      store.narrow(2, 0, tokens).copy_(other.store.narrow(2, 0, tokens));
    }
  }

  /** Writes keys and values, {@code [2 · kvHeads, tokens, headDim]}, from a position on. */
  void write(int layer, int position, Tensor keysAndValues) {
    store.select(0, layer).narrow(1, position, keysAndValues.size(1)).copy_(keysAndValues);
  }

  /** The first keys of a layer: {@code [kvHeads, tokens, headDim]}. */
  Tensor keys(int layer, long tokens) {
    return view(2L * layer, tokens);
  }

  /** The first values of a layer: {@code [kvHeads, tokens, headDim]}. */
  Tensor values(int layer, long tokens) {
    return view(2L * layer + 1, tokens);
  }

  private Tensor view(long half, long tokens) {
    long head = room * config.headDim();
    return store.as_strided(
        new long[] {config.kvHeads(), tokens, config.headDim()},
        new long[] {head, config.headDim(), 1},
        new LongOptional(half * config.kvHeads() * head));
  }

  @Override
  public void close() {
    script.close();
    store.close();
  }
}
