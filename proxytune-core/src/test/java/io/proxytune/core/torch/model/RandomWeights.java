package io.proxytune.core.torch.model;

import io.proxytune.core.decoder.DecoderSpec;
import io.proxytune.core.decoder.ExpertsSpec;
import io.proxytune.core.decoder.HeadSpec;
import io.proxytune.core.decoder.LayerSpec;
import io.proxytune.core.decoder.LinearSpec;
import io.proxytune.core.decoder.NormSpec;
import io.proxytune.core.decoder.RotarySpec;
import io.proxytune.core.torch.TorchDevice;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Random weights of a description, as a checkpoint would store them, and the pieces that they make:
 * all in the scope that is open.
 */
final class RandomWeights implements Pieces, TrainingWeights {
  private static final int EXPERTS = 4;

  private final Map<String, Tensor> stored = new HashMap<>();
  private final ScalarType dtype;
  private final LinearFactory linears;
  private final LinearFactory heads;
  private final RowwiseKernel.@Nullable Limits rowwise; // null: what this processor has
  private final TorchDevice device;

  private RandomWeights(
      Map<String, Tensor> stored,
      ScalarType dtype,
      LinearFactory linears,
      LinearFactory heads,
      RowwiseKernel.@Nullable Limits rowwise,
      TorchDevice device) {
    this.stored.putAll(stored);
    this.device = device;
    this.rowwise = rowwise;
    this.dtype = dtype;
    this.linears = linears;
    this.heads = heads;
  }

  /** In float32, every value one that bfloat16 has. */
  static RandomWeights of(DecoderSpec spec, LinearFactory linears) {
    RandomWeights weights =
        new RandomWeights(Map.of(), ScalarType.Float, linears, linears, null, TorchDevice.CPU);
    weights.put(spec.embedding().tensor(), 1, spec.vocabulary(), spec.width());
    spec.embedding()
        .positions()
        .ifPresent(some -> weights.put(some.tensor(), 0.5, some.rows(), spec.width()));
    spec.layers().forEach(weights::putLayer);
    spec.head().norm().ifPresent(weights::putNorm);
    weights.putLinear(spec.head().linear());
    return weights;
  }

  /** The same weights in another dtype, computed in other ways. */
  RandomWeights in(ScalarType type, LinearFactory otherLinears, LinearFactory otherHeads) {
    return new RandomWeights(stored, type, otherLinears, otherHeads, rowwise, device);
  }

  /** The same weights, attended row by row within limits. */
  RandomWeights rowwise(RowwiseKernel.Limits limits) {
    return new RandomWeights(stored, dtype, linears, heads, limits, device);
  }

  /** The same weights on another device. */
  RandomWeights on(TorchDevice other) {
    Map<String, Tensor> placed = new HashMap<>();
    stored.forEach((name, tensor) -> placed.put(name, Placement.onto(other, tensor)));
    return new RandomWeights(placed, dtype, linears, heads, rowwise, other);
  }

  private void putLayer(LayerSpec layer) {
    layer.linears().forEach(this::putLinear);
    layer.norms().forEach(this::putNorm);
    layer.attention().sinks().ifPresent(name -> put(name, 1, layer.attention().heads()));
    if (layer.feedForward() instanceof ExpertsSpec experts) {
      experts
          .scoring()
          .correction()
          .ifPresent(
              added ->
                  put(
                      added.tensor(),
                      0.3,
                      added.isRow() ? new long[] {1, EXPERTS} : new long[] {EXPERTS}));
    }
  }

  private void putLinear(LinearSpec linear) {
    long rows = linear.rows().total();
    double size = 1 / Math.sqrt((double) linear.in());
    if (linear.rows().expert().isPresent()) {
      put(linear.weight(), size, EXPERTS, rows, linear.in());
    } else if (linear.rows().transposed()) {
      put(linear.weight(), size, linear.in(), rows);
    } else {
      put(linear.weight(), size, rows, linear.in());
    }
    linear.bias().ifPresent(name -> put(name, 0.2, rows));
  }

  private void putNorm(NormSpec norm) {
    norm.weight().ifPresent(name -> put(name, 1, norm.size()));
    norm.bias().ifPresent(name -> put(name, 0.2, norm.size()));
  }

  private void put(String name, double size, long... shape) {
    stored.computeIfAbsent(
        name,
        any ->
            torch.randn(shape).mul_(new Scalar(size)).to(ScalarType.BFloat16).to(ScalarType.Float));
  }

  Map<String, Tensor> stored() {
    return stored;
  }

  private Tensor get(String name) {
    Tensor tensor = stored.get(name);
    if (tensor == null) {
      throw new AssertionError("no tensor " + name);
    }
    return tensor;
  }

  @Override
  public Tensor tensor(String name) {
    return get(name).to(dtype);
  }

  @Override
  public Tensor stacked(List<String> names) {
    return torch.cat(new TensorVector(names.stream().map(this::get).toArray(Tensor[]::new)), 0);
  }

  @Override
  public Optional<Adapter> adapter(LinearSpec linear) {
    return Optional.empty();
  }

  @Override
  public Tensor wideTensor(String name) {
    return get(name).clone();
  }

  @Override
  public double rounded(double factor) {
    return factor;
  }

  @Override
  public Norm norm(NormSpec spec, boolean wide) {
    boolean widened = wide && dtype != ScalarType.Float;
    ScalarType type = widened ? ScalarType.Float : dtype;
    Norm norm = norm(spec, type);
    return widened ? new WideNorm(norm) : norm;
  }

  private Norm norm(NormSpec spec, ScalarType type) {
    Tensor weight = get(spec.weight().orElseThrow());
    if (device.equals(TorchDevice.META)) {
      return new Factors(weight.to(type));
    }
    if (spec.kind() == NormSpec.Kind.LAYER) {
      Tensor bias = get(spec.bias().orElseThrow()).to(type).clone();
      return new LayerNorm(spec.size(), weight.to(type).clone(), bias, spec.epsilon());
    }
    boolean plusOne = spec.kind() == NormSpec.Kind.RMS_PLUS_ONE;
    Tensor factors = plusOne ? weight.add(new Scalar(1.0)) : weight.clone();
    return new RmsNorm(factors.to(type), spec.epsilon());
  }

  /** LibTorch's norms have no shapes without values; neither has its fused attention. */
  private record Factors(Tensor weight) implements Norm {
    @Override
    public Tensor apply(Tensor x) {
      return x.mul(weight);
    }

    @Override
    public String write(ScriptWriter script, String x) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void close() {
      weight.close();
    }
  }

  @Override
  public Linear linear(List<LinearSpec> parts) {
    return linears.create(joined(parts.stream().map(this::weight)), bias(parts));
  }

  private static Tensor joined(Stream<Tensor> parts) {
    return torch.cat(new TensorVector(parts.toArray(Tensor[]::new)), 0);
  }

  private Tensor weight(LinearSpec linear) {
    Tensor all = get(linear.weight());
    Tensor own =
        linear.rows().expert().isPresent() ? all.select(0, linear.rows().expert().getAsInt()) : all;
    return StoredWeights.matrix(own, linear.rows()).to(dtype);
  }

  private @Nullable Tensor bias(List<LinearSpec> parts) {
    if (parts.stream().allMatch(part -> part.bias().isEmpty())) {
      return null;
    }
    List<Tensor> biases = new ArrayList<>();
    for (LinearSpec part : parts) {
      biases.add(
          part.bias()
              .map(name -> StoredWeights.rows(get(name), part.rows()).to(dtype))
              .orElseGet(() -> torch.zeros(new long[] {part.out()}, new TensorOptions(dtype))));
    }
    return joined(biases.stream());
  }

  @Override
  public Linear plain(LinearSpec linear) {
    return new PlainLinear(weight(linear).clone(), bias(List.of(linear)));
  }

  @Override
  public Linear head(HeadSpec head, Tensor embedding) {
    return head.tied()
        ? heads.create(Placement.onto(device, embedding).clone(), bias(List.of(head.linear())))
        : heads.create(weight(head.linear()), bias(List.of(head.linear())));
  }

  @Override
  public Rotary rotary(RotarySpec spec) {
    return new Rotary(spec, device, dtype);
  }

  @Override
  public AttentionKernel kernel(AttentionShape shape) {
    if (device.equals(TorchDevice.META)) {
      return new ProductsKernel(shape, device, ScalarType.Float);
    }
    AttentionKernel ours = AttentionKernel.of(shape, device, ScalarType.Float);
    AttentionKernel wide = rowwise == null ? ours : new RowwiseKernel(ours, rowwise);
    return dtype == ScalarType.Float ? wide : new BFloat16Kernel(wide, true);
  }
}
