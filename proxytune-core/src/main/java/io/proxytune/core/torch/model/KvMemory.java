package io.proxytune.core.torch.model;

import io.proxytune.core.torch.BoxedOperator;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Keys and values of some successive tokens, {@code [2 · kvHeads, room, headDim]} for each layer,
 * keys before values: head by head, so that attention reads memory in order. It is another's where
 * a fork reads it: LibTorch frees it when the last that reads it is closed. For one thread at a
 * time.
 */
final class KvMemory implements AutoCloseable {
  /** Any operator that takes a list of tensors. */
  private static final BoxedOperator CAT = BoxedOperator.find("aten::cat", "").orElseThrow();

  private final Object origin;
  private final int tokens;
  private final List<Tensor> layers;
  private final IValue script; // the same; of another's, keys and values apart

  private KvMemory(@Nullable Object origin, int tokens, List<Tensor> layers) {
    this.origin = origin == null ? this : origin;
    this.tokens = tokens;
    this.layers = layers;
    try {
      this.script = Native.keep(CAT.emptyList(0));
      layers.forEach(this::append);
    } catch (RuntimeException | Error e) {
      layers.forEach(Tensor::close);
      throw e;
    }
  }

  private void append(Tensor layer) {
    if (origin == this) {
      DecoderScript.append(script, new IValue(layer));
      return;
    }
    long kvHeads = layer.size(0) / 2;
    for (int half = 0; half < 2; half++) {
      Tensor view = layer.narrow(0, half * kvHeads, kvHeads).unsqueeze(0);
      DecoderScript.append(script, new IValue(view));
    }
  }

  /**
   * Memory of one's own.
   *
   * @param tokens how many tokens fit, in layers that forks share
   * @param layer the tensor of each layer, kept beyond the current scope
   */
  static KvMemory of(int tokens, int layers, IntFunction<Tensor> layer) {
    return of(null, tokens, layers, layer);
  }

  private static KvMemory of(
      @Nullable Object origin, int tokens, int layers, IntFunction<Tensor> layer) {
    List<Tensor> made = new ArrayList<>();
    try {
      for (int i = 0; i < layers; i++) {
        made.add(layer.apply(i));
      }
    } catch (RuntimeException | Error e) {
      made.forEach(Tensor::close);
      throw e;
    }
    return new KvMemory(origin, tokens, made);
  }

  /** The first tokens of the same memory, in layers that forks share; nothing of others. */
  KvMemory first(int count, KvLayout layout) {
    return of(
        origin,
        count,
        layers.size(),
        i -> {
          long own = layout.layers().get(i).shares() ? count : 0;
          Tensor view = layers.get(i).narrow(1, 0, own);
          return Native.keep(own > 0 ? view : view.clone()); // a view keeps all memory from freeing
        });
  }

  /**
   * Memory of one's own that has some layers in other tensors.
   *
   * @param count how many tokens fit, in layers that forks share
   * @param others which layers
   * @param layer the tensor of each of those, kept beyond the current scope
   */
  KvMemory with(int count, IntPredicate others, IntFunction<Tensor> layer) {
    return of(
        count,
        layers.size(),
        i -> others.test(i) ? layer.apply(i) : Native.keep(new Tensor(layers.get(i))));
  }

  /** How many tokens fit into each of some layers. */
  long least(IntPredicate some) {
    return IntStream.range(0, layers.size())
        .filter(some)
        .mapToLong(i -> layers.get(i).size(1))
        .min()
        .orElseThrow();
  }

  /** Whether these are the same tokens at the same place. */
  boolean isSame(KvMemory other) {
    return origin == other.origin && tokens == other.tokens;
  }

  /** How many tokens fit, in layers that forks share. */
  int tokens() {
    return tokens;
  }

  /**
   * All of it, a list that stays this object's: of one's own memory a tensor for each layer, of
   * another's two, keys and values, each {@code [1, kvHeads, tokens, headDim]}.
   */
  IValue script() {
    return script;
  }

  /** {@code [2 · kvHeads, room, headDim]}. */
  Tensor layer(int layer) {
    return layers.get(layer);
  }

  /**
   * Keys (0) or values (1) of a layer's tokens {@code [first, end)}: {@code [kvHeads, tokens,
   * headDim]}.
   */
  Tensor view(int layer, long half, long first, long end) {
    Tensor store = layers.get(layer);
    long kvHeads = store.size(0) / 2;
    long headDim = store.size(2);
    long head = store.stride(0);
    return store.as_strided(
        new long[] {kvHeads, end - first, headDim},
        new long[] {head, headDim, 1},
        new LongOptional(half * kvHeads * head + first * headDim));
  }

  /** The bytes that it holds; those of another's do not count. */
  long bytes() {
    return origin == this
        ? layers.stream().mapToLong(layer -> layer.numel() * layer.element_size()).sum()
        : 0;
  }

  @Override
  public void close() {
    script.close();
    layers.forEach(Tensor::close);
  }
}
