package io.proxytune.core.torch.model;

import io.proxytune.core.decoder.AttentionSpec;
import io.proxytune.core.decoder.DecoderSpec;
import io.proxytune.core.decoder.LayerSpec;
import io.proxytune.core.torch.BoxedOperator;
import io.proxytune.core.torch.ScalarTypes;
import io.proxytune.core.torch.TorchDevice;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The keys and values of one sequence, allocated once: {@code [2 · kvHeads, room, headDim]} for
 * each layer, keys before values. Head by head, so that attention reads memory in order. For one
 * thread at a time.
 */
final class KvCache implements AutoCloseable {
  /** Kernels that read whole blocks may read up to the next multiple of this. */
  static final int BLOCK = 64;

  /** Any operator that takes a list of tensors. */
  private static final BoxedOperator CAT = BoxedOperator.find("aten::cat", "").orElseThrow();

  private final List<Layer> layers = new ArrayList<>();
  private final IValue script; // the same

  /** What one layer holds. */
  private record Layer(Tensor store, long kvHeads, long headDim) {
    /** Keys (0) or values (1) of the positions {@code [first, end)}. */
    Tensor view(long half, long first, long end) {
      long head = store.size(1) * headDim;
      return store.as_strided(
          new long[] {kvHeads, end - first, headDim},
          new long[] {head, headDim, 1},
          new LongOptional(half * kvHeads * head + first * headDim));
    }
  }

  KvCache(DecoderSpec spec, int capacity, TorchDevice device, ScalarType dtype) {
    TensorOptions options = new TensorOptions(dtype).device(new DeviceOptional(device.toTorch()));
    try {
      for (LayerSpec layer : spec.layers()) {
        layers.add(layer(layer.attention(), room(capacity), options));
      }
      this.script = Native.keep(CAT.emptyList(0));
      layers.forEach(layer -> DecoderScript.append(script, new IValue(layer.store)));
    } catch (RuntimeException | Error e) {
      layers.forEach(layer -> layer.store.close());
      throw e;
    }
  }

  /** Zeros, since block-wise kernels multiply what lies behind the last token by zero. */
  private static Layer layer(AttentionSpec attention, long room, TensorOptions options) {
    long[] shape = {2L * attention.kvHeads(), room, attention.headDim()};
    Tensor store = Native.keep(torch.zeros(shape, options));
    return new Layer(store, attention.kvHeads(), attention.headDim());
  }

  /** A capacity, rounded up to whole blocks. */
  private static long room(int capacity) {
    return (capacity + BLOCK - 1L) / BLOCK * BLOCK;
  }

  /** All of it, a list with a tensor for each layer; it stays this cache's. */
  IValue script() {
    return script;
  }

  /** The size of a cache, in bytes. */
  static long bytes(DecoderSpec spec, int capacity, ScalarType dtype) {
    long perToken =
        spec.layers().stream()
            .map(LayerSpec::attention)
            .mapToLong(attention -> 2L * attention.kvHeads() * attention.headDim())
            .sum();
    return perToken * room(capacity) * ScalarTypes.bytes(dtype);
  }

  /** Copies the first tokens of another cache of the same model. */
  void copyFrom(KvCache other, int tokens) {
    for (int i = 0; i < layers.size() && tokens > 0; i++) {
      Tensor source = other.layers.get(i).store.narrow(1, 0, tokens);
      layers.get(i).store.narrow(1, 0, tokens).copy_(source);
    }
  }

  /** Writes keys and values, {@code [2 · kvHeads, tokens, headDim]}, from a position on. */
  void write(int layer, int position, Tensor keysAndValues) {
    layers.get(layer).store.narrow(1, position, keysAndValues.size(1)).copy_(keysAndValues);
  }

  /** Keys of a layer at the positions {@code [first, end)}: {@code [kvHeads, tokens, headDim]}. */
  Tensor keys(int layer, long first, long end) {
    return layers.get(layer).view(0, first, end);
  }

  /** Values of a layer at the positions {@code [first, end)}, shaped like keys. */
  Tensor values(int layer, long first, long end) {
    return layers.get(layer).view(1, first, end);
  }

  @Override
  public void close() {
    script.close();
    layers.forEach(layer -> layer.store.close());
  }
}
