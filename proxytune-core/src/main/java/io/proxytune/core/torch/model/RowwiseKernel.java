package io.proxytune.core.torch.model;

import io.proxytune.core.torch.BoxedOperator;
import io.proxytune.core.torch.CpuFeatures;
import io.proxytune.core.torch.TorchDevice;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorOptions;
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

    private static final int LEAST_KEYS = 512;
    private static final int MOST_ROWS = 3;

    /** Two products around a softmax lose to this with more rows than the fused kernel does. */
    private static final int MOST_ROWS_OF_PRODUCTS = 8;

    /** Where it is faster on this processor. */
    static Limits here(AttentionShape shape) {
      if (!CpuFeatures.hasVectors() || (shape.isPlain() && CpuFeatures.hasWideVectors())) {
        return NOTHING;
      }
      return new Limits(shape.isPlain() ? MOST_ROWS : MOST_ROWS_OF_PRODUCTS, LEAST_KEYS);
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
    long rows = queries.size(0) * queries.size(1);
    long count = keys.size(1);
    Tensor own = queries.reshape(rows, shape.headDim());
    Tensor places = places(queries.size(1), count, keys.stride(0) / shape.headDim());
    Tensor products =
        dots(own, table(keys), places, numbers(0, rows * count, count), rowOfEach(rows, count));
    Tensor shares =
        ProductsKernel.shares(
            shape, products.view(shape.kvHeads(), queries.size(1), count), mask, sinks);
    return sums(table(values), places, shares, starts(rows, count))
        .view(shape.kvHeads(), queries.size(1), -1, shape.headDim())
        .sum(new long[] {2});
  }

  /** Of each row with each of its keys: {@code [rows · keys]}. */
  private static Tensor dots(Tensor rows, Tensor table, Tensor places, Tensor firsts, Tensor each) {
    return Registry.dots.call(
        new IValue(rows),
        new IValue(table),
        new IValue(places),
        new IValue(firsts),
        new IValue(each),
        new IValue(0L), // sums
        new IValue(-1L)); // no padding
  }

  /** Of each stretch's values: {@code [rows · stretches, headDim]}. */
  private static Tensor sums(Tensor table, Tensor places, Tensor shares, Tensor starts) {
    TensorOptional weights = new TensorOptional(shares.reshape(-1));
    return torch.embedding_bag(table, places, starts, false, 0, false, weights, false).get0();
  }

  /** All heads one below the other, with what lies between them. */
  private Tensor table(Tensor heads) {
    long dim = shape.headDim();
    long between = heads.stride(0) / dim;
    return heads.as_strided(
        new long[] {(shape.kvHeads() - 1) * between + heads.size(1), dim}, new long[] {dim, 1});
  }

  /** Where in the table the keys of each row lie. */
  private Tensor places(long rowsOfHead, long count, long between) {
    Tensor heads = numbers(0, shape.kvHeads() * between, between).view(-1, 1, 1);
    return heads
        .add(numbers(0, count, 1))
        .expand(shape.kvHeads(), rowsOfHead, count)
        .contiguous()
        .view(-1);
  }

  /** The number of the row that each key is multiplied with. */
  private static Tensor rowOfEach(long rows, long count) {
    return numbers(0, rows, 1).view(-1, 1).expand(rows, count).contiguous().view(-1);
  }

  /** Where each row's stretches begin. */
  private static Tensor starts(long rows, long count) {
    Tensor firsts = numbers(0, rows * count, count).view(-1, 1);
    return firsts.add(numbers(0, count, STRETCH)).view(-1);
  }

  private static Tensor numbers(long first, long end, long step) {
    return torch.arange(
        new Scalar(first), new Scalar(end), new Scalar(step), new TensorOptions(ScalarType.Int));
  }

  @Override
  public void close() {
    super.close();
    others.close();
  }
}
