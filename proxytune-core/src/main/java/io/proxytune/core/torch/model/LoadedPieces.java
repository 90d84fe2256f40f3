package io.proxytune.core.torch.model;

import io.proxytune.core.checkpoint.DecoderCheckpoint;
import io.proxytune.core.checkpoint.LoraAdapter;
import io.proxytune.core.checkpoint.StoredTensor;
import io.proxytune.core.decoder.HeadSpec;
import io.proxytune.core.decoder.LinearSpec;
import io.proxytune.core.decoder.NormSpec;
import io.proxytune.core.decoder.RotarySpec;
import io.proxytune.core.torch.ComputeThread;
import io.proxytune.core.torch.TorchDevice;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Makes the pieces of a decoder from a checkpoint's tensors, an adapter merged into them. Each
 * tensor is read, converted or packed, and what was read is dropped before the next one, so that
 * the weights are in memory once. For one thread.
 */
final class LoadedPieces implements Pieces, AutoCloseable {
  private final MergedWeights weights;
  private final TorchDevice device;
  private final ScalarType dtype;
  private final LoadProgress progress;
  private final Factories factories;
  private final WeightStack stack;
  private final WeightCache cache;

  /** What was read for the piece that is being made. */
  private final List<StoredTensor> justRead;

  /** What is loaded so far; closed again if loading fails. */
  private final Deque<AutoCloseable> loaded;

  /**
   * How pieces are computed.
   *
   * @param inLayers makes the linear layers
   * @param forHead makes the head
   * @param forAttention makes what attends in layers of a shape
   * @param tiled gets the weights that tiles and vectors both can read
   * @param afterLayer is done when a layer, or the head, is loaded
   */
  record Factories(
      LinearFactory inLayers,
      LinearFactory forHead,
      Function<AttentionShape, AttentionKernel> forAttention,
      TiledWeights tiled,
      Runnable afterLayer) {}

  LoadedPieces(
      DecoderCheckpoint checkpoint,
      Optional<LoraAdapter> adapter,
      TorchDevice device,
      ScalarType dtype,
      LoadProgress progress,
      Factories factories,
      WeightCache cache) {
    this.justRead = new ArrayList<>();
    this.loaded = new ArrayDeque<>();
    this.stack = new WeightStack();
    this.weights = new MergedWeights(checkpoint, adapter, justRead::add);
    this.device = device;
    this.dtype = dtype;
    this.progress = progress;
    this.factories = factories;
    this.cache = cache;
  }

  private LoadedPieces(LoadedPieces first, TorchDevice device, Factories factories) {
    this.justRead = first.justRead;
    this.loaded = first.loaded;
    this.stack = first.stack;
    this.cache = first.cache;
    this.weights = first.weights;
    this.device = device;
    this.dtype = first.dtype;
    this.progress = first.progress;
    this.factories = factories;
  }

  /** Those of the same model on another device, which are closed with these. */
  LoadedPieces on(TorchDevice other, Factories itsFactories) {
    return new LoadedPieces(this, other, itsFactories);
  }

  /** Makes something; it is closed again if loading fails. */
  private <T extends AutoCloseable> T owned(Supplier<T> making) {
    T resource = ComputeThread.inScope(making);
    loaded.push(resource);
    justRead.forEach(progress::loaded); // the application's code: on its own thread
    justRead.clear();
    return resource;
  }

  @Override
  public Tensor tensor(String name) {
    return tensor(name, dtype);
  }

  @Override
  public Tensor wideTensor(String name) {
    return tensor(name, ScalarType.Float);
  }

  private Tensor tensor(String name, ScalarType type) {
    return owned(() -> Native.keep(placed(weights.read(name), type)));
  }

  @Override
  public double rounded(double factor) {
    return ComputeThread.inScope(
        () ->
            torch.full(new long[] {1}, new Scalar(factor), new TensorOptions(dtype)).item_double());
  }

  @Override
  public Rotary rotary(RotarySpec spec) {
    return owned(() -> new Rotary(spec, device, dtype));
  }

  @Override
  public AttentionKernel kernel(AttentionShape shape) {
    return owned(() -> factories.forAttention.apply(shape));
  }

  @Override
  public void layerDone() {
    factories.afterLayer.run();
  }

  @Override
  public Norm norm(NormSpec spec, boolean wide) {
    boolean widened = wide && dtype != ScalarType.Float;
    ScalarType type = widened ? ScalarType.Float : dtype;
    return owned(
        () -> {
          Norm norm = norm(spec, type);
          return widened ? new WideNorm(norm) : norm;
        });
  }

  private Norm norm(NormSpec spec, ScalarType type) {
    Tensor factors = spec.weight().map(name -> factors(spec, name, type)).orElse(null);
    return switch (spec.kind()) {
      case LAYER, LAYER_PLUS_ONE -> {
        Tensor bias = spec.bias().map(name -> placed(weights.read(name), type)).orElse(null);
        yield new LayerNorm(spec.size(), factors, bias, spec.epsilon());
      }
      case RMS, RMS_PLUS_ONE ->
          new RmsNorm(factors == null ? ones(spec.size(), type) : factors, spec.epsilon());
    };
  }

  private Tensor factors(NormSpec spec, String name, ScalarType type) {
    Tensor stored = placed(weights.read(name), type);
    return spec.isPlusOne() ? stored.add(new Scalar(1.0)) : stored;
  }

  private Tensor ones(int size, ScalarType type) {
    return torch
        .ones(new long[] {size}, new TensorOptions(ScalarType.Float))
        .to(device.toTorch(), type);
  }

  @Override
  public Linear plain(LinearSpec linear) {
    List<LinearSpec> alone = List.of(linear);
    return owned(() -> new PlainLinear(weight(linear), bias(alone)));
  }

  @Override
  public Linear linear(List<LinearSpec> parts) {
    return linear(factories.inLayers, parts);
  }

  private Linear linear(LinearFactory factory, List<LinearSpec> parts) {
    return owned(
        () -> {
          Linear linear =
              restored(factory, parts)
                  .orElseGet(() -> packed(factory, parts, weight(parts, factory)));
          factories.tiled.add(linear);
          return linear;
        });
  }

  /** Of what is kept, so that its weight need not be read. */
  private Optional<Linear> restored(LinearFactory factory, List<LinearSpec> parts) {
    if (!cache.isOpen()) {
      return Optional.empty();
    }
    Optional<Linear> linear = cache.restore(factory, parts, bias(parts));
    linear.ifPresent(made -> parts.forEach(weights::pass));
    return linear;
  }

  private Linear packed(LinearFactory factory, List<LinearSpec> parts, Tensor weight) {
    Linear linear = factory.create(weight, bias(parts));
    cache.packed(parts, linear);
    return linear;
  }

  @Override
  public Linear head(HeadSpec head, Tensor embedding) {
    boolean own = !head.tied() || weights.adapter().filter(LoraAdapter::changesTables).isPresent();
    List<LinearSpec> alone = List.of(head.linear());
    return own
        ? linear(factories.forHead, alone)
        : owned(
            () ->
                restored(factories.forHead, alone)
                    .orElseGet(() -> packed(factories.forHead, alone, beside(embedding))));
  }

  /** Itself, or a copy on this device. */
  private Tensor beside(Tensor embedding) {
    return new Tensor(Placement.onto(device, embedding));
  }

  private @Nullable Tensor bias(List<LinearSpec> parts) {
    List<Tensor> biases = new ArrayList<>();
    for (LinearSpec part : parts) {
      Optional<Tensor> bias = weights.bias(part);
      if (bias.isPresent()) {
        biases.add(placed(bias.get(), dtype));
      } else if (parts.stream().anyMatch(other -> other.bias().isPresent())) {
        biases.add(torch.zeros(new long[] {part.out()}, options()));
      }
    }
    return biases.isEmpty() ? null : joined(biases);
  }

  private TensorOptions options() {
    return new TensorOptions(dtype).device(new DeviceOptional(device.toTorch()));
  }

  private Tensor weight(List<LinearSpec> parts, LinearFactory factory) {
    List<Tensor> weights = parts.stream().map(this::weight).toList();
    return weights.size() > 1 && factory.copiesWeights() ? stack.of(weights) : joined(weights);
  }

  private static Tensor joined(List<Tensor> parts) {
    return parts.size() == 1
        ? parts.get(0)
        : torch.cat(new TensorVector(parts.toArray(Tensor[]::new)), 0);
  }

  /** {@code [out, in]}. */
  private Tensor weight(LinearSpec linear) {
    return placed(weights.weight(linear), dtype).contiguous();
  }

  private Tensor placed(Tensor tensor, ScalarType type) {
    return tensor.to(device.toTorch(), type);
  }

  /** Ends loading: from now on what was made is the caller's. */
  @Override
  public void close() {
    stack.close();
  }

  /** Closes all that was made. */
  void discard(Throwable failure) {
    for (@Nullable AutoCloseable resource : loaded) {
      try {
        resource.close();
      } catch (Exception e) {
        failure.addSuppressed(e);
      }
    }
  }
}
