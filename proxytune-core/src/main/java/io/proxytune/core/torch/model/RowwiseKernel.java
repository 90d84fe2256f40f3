package io.proxytune.core.torch.model;

import io.proxytune.core.torch.BoxedOperator;
import io.proxytune.core.torch.CpuFeatures;
import io.proxytune.core.torch.TorchDevice;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Attention of few rows over many keys in float32 on the CPU: each score is the dot product of a
 * row and a key where it lies, and each result a weighted sum of values where they lie, with the
 * operators of embedding bags. OpenBLAS copies the keys and values into blocks for every product,
 * which pays where many rows share the copy, or where it has kernels that go without (AVX-512).
 *
 * <p>Heads and stretches of keys are computed in parallel, and each row by itself, whatever rows
 * there are beside it. What is beyond its limits another kernel attends.
 */
final class RowwiseKernel extends AttentionKernel {
  /** Values are summed in stretches of so many, and then these: fewer roundings, more to share. */
  static final int STRETCH = 1024;

  /**
   * What is attended row by row.
   *
   * @param mostRows the most rows of a key head: tokens times queries that share it
   * @param leastKeys the fewest keys
   */
  record Limits(int mostRows, int leastKeys) {
    static final Limits NOTHING = new Limits(0, Integer.MAX_VALUE);

    private static final int MOST_ROWS = 4;

    /** Heads whose keys are wide take longer to copy, beside what each row costs. */
    private static final int MOST_ROWS_OF_WIDE_HEADS = 6;

    private static final int WIDE_HEAD = 128;

    /** Two products around a softmax lose to this with more rows than the fused kernel does. */
    private static final int MOST_ROWS_OF_PRODUCTS = 8;

    /** So many numbers of keys are worth the operators that this has more. */
    private static final int LEAST_NUMBERS = 1 << 15;

    /** Where OpenBLAS has kernels that go without copies, of scores that have a cap or sinks. */
    private static final int LEAST_KEYS_OF_PRODUCTS = 512;

    /** Where it is faster on this processor. */
    static Limits here(AttentionShape shape) {
      if (!CpuFeatures.hasVectors()) {
        return NOTHING;
      }
      if (CpuFeatures.hasWideVectors()) {
        return shape.isPlain()
            ? NOTHING
            : new Limits(MOST_ROWS_OF_PRODUCTS, LEAST_KEYS_OF_PRODUCTS);
      }
      return withoutWideVectors(shape);
    }

    private static Limits withoutWideVectors(AttentionShape shape) {
      int leastKeys = Math.max(1, LEAST_NUMBERS / (shape.kvHeads() * shape.headDim()));
      if (!shape.isPlain()) {
        return new Limits(MOST_ROWS_OF_PRODUCTS, leastKeys);
      }
      boolean wide = shape.headDim() >= WIDE_HEAD;
      return new Limits(wide ? MOST_ROWS_OF_WIDE_HEADS : MOST_ROWS, leastKeys);
    }
  }

  /** Looked up once: the handle lives as long as the process. */
  private static final class Registry {
    static final BoxedOperator dots =
        BoxedOperator.find("aten::_embedding_bag_per_sample_weights_backward", "").orElseThrow();
  }

  private final AttentionKernel others;
  private final Limits limits;

  /**
   * Attends within limits.
   *
   * @param others what attends beyond them, in float32 on the CPU; this kernel's from now on
   */
  RowwiseKernel(AttentionKernel others, Limits limits) {
    super(others.shape, TorchDevice.CPU, ScalarType.Float);
    this.others = others;
    this.limits = limits;
  }

  @Override
  Limits rowwise() {
    return limits;
  }

  @Override
  int mostTokens() {
    return others.mostTokens();
  }

  @Override
  @Nullable Tensor mask(Span span) {
    return others.mask(span);
  }

  @Override
  Tensor attend(
      Tensor queries, Span span, int layer, @Nullable Tensor mask, @Nullable Tensor sinks) {
    int first = shape.firstKey(span.position());
    boolean few = queries.size(1) <= limits.mostRows && span.end() - first >= limits.leastKeys;
    if (!few || span.cache().isShared(layer)) {
      return others.attend(queries, span, layer, mask, sinks);
    }
    Tensor keys = span.cache().keys(layer, first, span.end());
    Tensor values = span.cache().values(layer, first, span.end());
    return weighted(queries, keys, values, mask, sinks);
  }

  private Tensor weighted(
      Tensor queries, Tensor keys, Tensor values, @Nullable Tensor mask, @Nullable Tensor sinks) {
    long count = keys.size(1);
    long room = keys.stride(0) / shape.headDim();
    RowLookup lookup = RowLookup.of(shape.kvHeads(), queries.size(1), count, room, STRETCH);
    Tensor products = dots(queries.reshape(-1, shape.headDim()), table(keys), lookup);
    Tensor shares =
        ProductsKernel.shares(
            shape, products.view(shape.kvHeads(), queries.size(1), count), mask, sinks);
    return sums(table(values), lookup, shares)
        .view(shape.kvHeads(), queries.size(1), -1, shape.headDim())
        .sum(new long[] {2});
  }

  /** Of each row with each of its keys: {@code [rows · keys]}. */
  private static Tensor dots(Tensor rows, Tensor table, RowLookup lookup) {
    return Registry.dots.call(
        new IValue(rows),
        new IValue(table),
        new IValue(lookup.places()),
        new IValue(lookup.firsts()),
        new IValue(lookup.numbers()),
        new IValue(0L), // sums
        new IValue(-1L)); // no padding
  }

  /** Of each stretch's values: {@code [rows · stretches, headDim]}. */
  private static Tensor sums(Tensor table, RowLookup lookup, Tensor shares) {
    TensorOptional weights = new TensorOptional(shares.reshape(-1));
    return torch
        .embedding_bag(table, lookup.places(), lookup.starts(), false, 0, false, weights, false)
        .get0();
  }

  /** All heads one below the other, with what lies between them. */
  private Tensor table(Tensor heads) {
    long dim = shape.headDim();
    long between = heads.stride(0) / dim;
    return heads.as_strided(
        new long[] {(shape.kvHeads() - 1) * between + heads.size(1), dim}, new long[] {dim, 1});
  }

  @Override
  public void close() {
    super.close();
    others.close();
  }
}
