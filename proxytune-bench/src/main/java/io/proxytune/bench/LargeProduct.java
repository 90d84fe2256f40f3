package io.proxytune.bench;

import io.proxytune.core.torch.BoxedOperator;
import io.proxytune.core.torch.ComputeThread;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One product of many tokens with the first matrix of a model's MLP, in one of the formats that
 * LibTorch multiplies: what a prompt could be read with at best. For one thread.
 */
final class LargeProduct implements AutoCloseable {
  private static final Logger logger = LoggerFactory.getLogger(LargeProduct.class);
  private static final int TRIES = 3;

  private final String format;
  private final double operations;
  private final Supplier<Tensor> product;
  private final List<AutoCloseable> owned;

  private LargeProduct(
      String format, double operations, Supplier<Tensor> product, List<AutoCloseable> owned) {
    this.format = format;
    this.operations = operations;
    this.product = product;
    this.owned = owned;
  }

  /** The fastest of all formats that this LibTorch and processor have. */
  static LargeProduct fastest(int tokens, ModelShape shape) {
    List<LargeProduct> all = new ArrayList<>();
    add(all, "bfloat16", tokens, shape, ScalarType.BFloat16, LargeProduct::plain);
    add(all, "float32", tokens, shape, ScalarType.Float, LargeProduct::plain);
    add(all, "packed bfloat16", tokens, shape, ScalarType.BFloat16, LargeProduct::packed);
    add(all, "packed float32", tokens, shape, ScalarType.Float, LargeProduct::packed);
    add(all, "packed float16", tokens, shape, ScalarType.Float, LargeProduct::float16);
    LargeProduct fastest =
        all.stream().min(Comparator.comparingDouble(LargeProduct::milliseconds)).orElseThrow();
    all.stream().filter(other -> other != fastest).forEach(LargeProduct::close);
    return fastest;
  }

  /** Makes a product of input and weight, and adds what is to be freed later. */
  private interface Kind {
    Supplier<Tensor> of(Tensor input, Tensor weight, List<AutoCloseable> owned);
  }

  private static void add(
      List<LargeProduct> all,
      String format,
      int tokens,
      ModelShape shape,
      ScalarType dtype,
      Kind kind) {
    List<AutoCloseable> owned = new ArrayList<>();
    try {
      Supplier<Tensor> product =
          ComputeThread.inScope(
              () -> {
                Tensor input = kept(tokens, shape.hidden(), dtype, owned);
                Tensor weight = kept(shape.intermediate(), shape.hidden(), dtype, owned);
                Supplier<Tensor> made = kind.of(input, weight, owned);
                made.get().close(); // what the processor lacks is refused here
                return made;
              });
      double operations = 2.0 * tokens * shape.hidden() * shape.intermediate();
      all.add(new LargeProduct(format, operations, product, owned));
    } catch (RuntimeException e) {
      logger.debug("no product in {}", format, e);
      close(owned);
    }
  }

  private static Tensor kept(int rows, int columns, ScalarType dtype, List<AutoCloseable> owned) {
    Tensor tensor = torch.randn(new long[] {rows, columns}, new TensorOptions(dtype));
    tensor.retainReference();
    owned.add(tensor);
    return tensor;
  }

  private static IValue kept(IValue value, List<AutoCloseable> owned) {
    value.retainReference();
    owned.add(value);
    return value;
  }

  private static Supplier<Tensor> plain(Tensor x, Tensor weight, List<AutoCloseable> owned) {
    return () -> torch.linear(x, weight);
  }

  private static BoxedOperator operator(String name) {
    Optional<BoxedOperator> found = BoxedOperator.find(name, "");
    return found.orElseThrow(() -> new IllegalStateException("this LibTorch has no " + name));
  }

  private static Supplier<Tensor> packed(Tensor x, Tensor weight, List<AutoCloseable> owned) {
    BoxedOperator pack = operator("mkldnn::_reorder_linear_weight");
    BoxedOperator product = operator("mkldnn::_linear_pointwise");
    Tensor blocks = pack.call(new IValue(weight), new IValue(x.size(0)));
    IValue packed = kept(new IValue(blocks), owned);
    IValue scalars = kept(product.emptyList(4), owned);
    return () ->
        product.call(
            new IValue(x), packed, new IValue(), new IValue("none"), scalars, new IValue());
  }

  private static Supplier<Tensor> float16(Tensor x, Tensor weight, List<AutoCloseable> owned) {
    BoxedOperator pack = operator("quantized::linear_prepack_fp16");
    BoxedOperator product = operator("quantized::linear_dynamic_fp16");
    IValue packed = kept(pack.callForObject(new IValue(weight), new IValue()), owned);
    return () -> product.call(new IValue(x), packed);
  }

  private double milliseconds() {
    double best = Double.POSITIVE_INFINITY;
    for (int i = 0; i < TRIES; i++) {
      best = Math.min(best, Stopwatch.milliseconds(this::run));
    }
    return best;
  }

  /** Computes it once. */
  void run() {
    ComputeThread.inScope(
        () -> {
          product.get().close();
          return null;
        });
  }

  /** Multiplications and additions. */
  double operations() {
    return operations;
  }

  String format() {
    return format;
  }

  @Override
  public void close() {
    close(owned);
  }

  private static void close(List<AutoCloseable> owned) {
    for (AutoCloseable resource : owned) {
      try {
        resource.close();
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
