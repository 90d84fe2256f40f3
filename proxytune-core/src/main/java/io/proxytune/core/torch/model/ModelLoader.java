package io.proxytune.core.torch.model;

import io.proxytune.CheckpointException;
import io.proxytune.Tokenizer;
import io.proxytune.core.LoadOptions;
import io.proxytune.core.Quantization;
import io.proxytune.core.checkpoint.AdapterFolder;
import io.proxytune.core.checkpoint.DecoderCheckpoint;
import io.proxytune.core.checkpoint.DecoderConfig;
import io.proxytune.core.checkpoint.DecoderTensors.LayerTensors;
import io.proxytune.core.checkpoint.DecoderTensors.LinearTensors;
import io.proxytune.core.checkpoint.LoraAdapter;
import io.proxytune.core.checkpoint.LoraTensors;
import io.proxytune.core.checkpoint.PublishedSettings;
import io.proxytune.core.checkpoint.StoredTensor;
import io.proxytune.core.checkpoint.WeightMemory;
import io.proxytune.core.torch.ComputeThread;
import io.proxytune.core.torch.MemoryCheck;
import io.proxytune.core.torch.ScalarTypes;
import io.proxytune.core.torch.TensorReader;
import io.proxytune.core.torch.TorchDevice;
import io.proxytune.core.torch.TorchRuntime;
import io.proxytune.model.LogitModel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Loads the weights of a checked checkpoint. Each tensor is read, converted or packed, and what was
 * read is dropped before the next one, so that the weights are in memory once.
 */
public final class ModelLoader {
  private final DecoderCheckpoint checkpoint;
  private final DecoderConfig config;
  private final TorchDevice device;
  private final ScalarType dtype;
  private final Quantization quantization;
  private final Linears linears;
  private final LinearFactory inLayers;
  private final LinearFactory forHead;
  private final LoadProgress progress;
  private final Optional<LoraAdapter> adapter;

  private final WeightStack stack = new WeightStack();

  /** What is loaded so far; closed again if loading fails. */
  private final Deque<AutoCloseable> loaded = new ArrayDeque<>();

  private ModelLoader(DecoderCheckpoint checkpoint, LoadOptions options) {
    this.checkpoint = checkpoint;
    this.config = checkpoint.config();
    this.quantization = options.quantization();
    Quantizer.requireCpu(quantization, options.device());
    this.device = TorchDevice.of(options.device());
    this.dtype = ScalarTypes.of(options.dtype(), checkpoint.storedDType());
    this.progress = new LoadProgress(checkpoint, options.listener());
    this.adapter =
        options.adapter().map(path -> LoraAdapter.bind(AdapterFolder.open(path), checkpoint));
    this.linears = ComputeThread.inScope(() -> Linears.on(device, dtype, options.layout()));
    this.inLayers =
        quantization.isSome()
            ? ComputeThread.inScope(() -> Quantizer.of(quantization, device))
            : linears;
    this.forHead =
        quantization.head()
            ? inLayers
            : ComputeThread.inScope(() -> Heads.on(device, dtype, linears));
  }

  /**
   * Loads a model whose texts end as its checkpoint says.
   *
   * @param checkpoint what to load
   * @param tokenizer its tokenizer, if it has one
   * @param options device, dtype, listener
   * @return the model; the caller closes it
   * @throws io.proxytune.DeviceException if the device can't be had or the weights don't fit
   */
  public static LogitModel load(
      DecoderCheckpoint checkpoint, Optional<Tokenizer> tokenizer, LoadOptions options) {
    return load(checkpoint, tokenizer, checkpoint.generation().endOfTextIds(), options);
  }

  /**
   * Loads a model.
   *
   * @param checkpoint what to load
   * @param tokenizer its tokenizer, if it has one
   * @param endOfTextIds the ids that end its texts
   * @param options device, dtype, listener
   * @return the model; the caller closes it
   * @throws io.proxytune.DeviceException if the device can't be had or the weights don't fit
   */
  public static LogitModel load(
      DecoderCheckpoint checkpoint,
      Optional<Tokenizer> tokenizer,
      Set<Integer> endOfTextIds,
      LoadOptions options) {
    TorchRuntime.load();
    return load(checkpoint, tokenizer, endOfTextIds, options, MemoryCheck.now());
  }

  static LogitModel load(
      DecoderCheckpoint checkpoint,
      Optional<Tokenizer> tokenizer,
      LoadOptions options,
      MemoryCheck memory) {
    Set<Integer> endOfTextIds = checkpoint.generation().endOfTextIds();
    return load(checkpoint, tokenizer, endOfTextIds, options, memory);
  }

  private static LogitModel load(
      DecoderCheckpoint checkpoint,
      Optional<Tokenizer> tokenizer,
      Set<Integer> endOfTextIds,
      LoadOptions options,
      MemoryCheck memory) {
    ModelLoader loader = new ModelLoader(checkpoint, options);
    if (loader.device.isCpu()) {
      loader.checkMemory(memory, options.memoryCheck());
    }
    TorchModel.Identity identity =
        new TorchModel.Identity(loader.name(), endOfTextIds, tokenizer, loader.published());
    Decoder decoder = loader.decoder();
    return new TorchModel(
        identity,
        checkpoint,
        decoder,
        scripted(decoder),
        loader.device,
        loader.dtype,
        options.memoryCheck());
  }

  private String name() {
    String suffix = adapter.map(merged -> "+" + merged.folder().name()).orElse("");
    return checkpoint.folder().name() + suffix;
  }

  private PublishedSettings published() {
    return adapter
        .flatMap(merged -> PublishedSettings.ofAdapter(merged.folder().path()))
        .orElse(checkpoint.published());
  }

  private void checkMemory(MemoryCheck memory, boolean checkFree) {
    int each = ScalarTypes.bytes(dtype);
    long bytes = WeightMemory.of(checkpoint, quantization, each);
    if (config.tiedHead() && !sharesHead() && !quantization.head()) {
      bytes += checkpoint.tensors().head().elements() * each; // beside the embedding
    }
    bytes *= linears.twice() ? 2 : 1; // all but the head, which is there once
    memory.requireUnderJavaCppLimit(checkpoint.folder().name(), bytes);
    if (checkFree) {
      memory.requireFree(checkpoint.folder().name(), bytes);
    }
  }

  private Decoder decoder() {
    try (stack) {
      Tensor embedding = tensor(checkpoint.tensors().embedding());
      Linear head = head(embedding);
      TorchRuntime.trimMemory(); // packing a head takes float32 copies of its parts
      List<DecoderLayer> layers = new ArrayList<>();
      for (LayerTensors tensors : checkpoint.tensors().layers()) {
        layers.add(layer(tensors));
      }
      RmsNorm finalNorm = norm(checkpoint.tensors().finalNorm());
      checkpoint.folder().files().requireUnchanged();
      adapter.ifPresent(merged -> merged.folder().files().requireUnchanged());
      return withoutWeights(embedding, layers, finalNorm, head);
    } catch (CheckpointException e) {
      closeLoaded(e);
      throw explained(e);
    } catch (RuntimeException | Error e) {
      closeLoaded(e);
      throw e;
    }
  }

  private CheckpointException explained(CheckpointException e) {
    CheckpointException explained = checkpoint.folder().files().explain(e);
    return adapter.map(merged -> merged.folder().files().explain(explained)).orElse(explained);
  }

  private Decoder withoutWeights(
      Tensor embedding, List<DecoderLayer> layers, RmsNorm finalNorm, Linear head) {
    return ComputeThread.inScope(
        () -> {
          Rotary rotary = new Rotary(config, device, dtype);
          Attention attention =
              device.isCpu() && dtype == ScalarType.BFloat16
                  ? new BFloat16Attention(config, device, linears.packed())
                  : new FusedAttention(config, device, dtype);
          return new Decoder(
              config, embedding, rotary, attention, List.copyOf(layers), finalNorm, head);
        });
  }

  private static @Nullable ScriptedDecoder scripted(Decoder decoder) {
    return ComputeThread.inScope(() -> ScriptedDecoder.of(decoder)).orElse(null);
  }

  private DecoderLayer layer(LayerTensors tensors) {
    DecoderLayer layer =
        new DecoderLayer(
            norm(tensors.inputNorm()),
            linear(inLayers, tensors.query(), tensors.key(), tensors.value()),
            linear(inLayers, tensors.output()),
            norm(tensors.postAttentionNorm()),
            linear(inLayers, tensors.gate(), tensors.up()),
            linear(inLayers, tensors.down()));
    trim();
    return layer;
  }

  /** What rounding freed lies in holes between the weights, and would stay in the process. */
  private void trim() {
    if (quantization.isSome()) {
      TorchRuntime.trimMemory();
    }
  }

  private Tensor tensor(StoredTensor stored) {
    Tensor tensor = owned(() -> Native.keep(placed(stored)));
    progress.loaded(stored);
    return tensor;
  }

  private RmsNorm norm(StoredTensor stored) {
    RmsNorm norm = owned(() -> new RmsNorm(placed(stored), config.normEpsilon()));
    progress.loaded(stored);
    return norm;
  }

  private Optional<LoraTensors> headAdapter() {
    return adapter.flatMap(LoraAdapter::ofHead);
  }

  /**
   * Whether a tied head is the embedding's own tensor: as it is, not packed, rounded or adapted.
   */
  private boolean sharesHead() {
    return !forHead.copiesWeights() && headAdapter().isEmpty();
  }

  private Linear head(Tensor embedding) {
    if (!config.tiedHead()) {
      return linear(forHead, new LinearTensors(checkpoint.tensors().head(), null));
    }
    return owned(
        () -> {
          Tensor weight =
              headAdapter().isEmpty()
                  ? new Tensor(embedding)
                  : adapted(checkpoint.tensors().head(), headAdapter());
          return forHead.create(weight, null);
        });
  }

  /** One layer from several that read the same input: their outputs stand side by side. */
  private Linear linear(LinearFactory factory, LinearTensors... parts) {
    List<StoredTensor> weights = new ArrayList<>();
    List<StoredTensor> biases = new ArrayList<>();
    for (LinearTensors part : parts) {
      weights.add(part.weight());
      if (part.bias() != null) {
        biases.add(part.bias());
      }
    }
    Linear linear =
        owned(
            () -> {
              Tensor bias = biases.isEmpty() ? null : joined(biases);
              return factory.create(weight(weights, factory), bias);
            });
    weights.forEach(progress::loaded);
    biases.forEach(progress::loaded);
    return linear;
  }

  private Tensor weight(List<StoredTensor> parts, LinearFactory factory) {
    return parts.size() > 1 && factory.copiesWeights()
        ? stack.of(parts.stream().map(this::adapted).toList())
        : joined(parts);
  }

  private Tensor joined(List<StoredTensor> parts) {
    if (parts.size() == 1) {
      return adapted(parts.get(0));
    }
    TensorVector tensors = new TensorVector();
    parts.forEach(part -> tensors.push_back(adapted(part)));
    return torch.cat(tensors, 0);
  }

  private Tensor adapted(StoredTensor stored) {
    return adapted(stored, adapter.flatMap(some -> some.of(stored)));
  }

  /** {@code W + scale · B · A} in float32, rounded once. */
  private Tensor adapted(StoredTensor stored, Optional<LoraTensors> lora) {
    if (lora.isEmpty()) {
      return placed(stored);
    }
    Tensor a = TensorReader.read(lora.get().a()).to(ScalarType.Float);
    Tensor b = TensorReader.read(lora.get().b()).to(ScalarType.Float);
    Tensor weight = TensorReader.read(stored).to(ScalarType.Float);
    Scalar scale = new Scalar(lora.get().scale());
    return torch.addmm(weight, b, a, new Scalar(1.0), scale).to(device.toTorch(), dtype);
  }

  private Tensor placed(StoredTensor stored) {
    return TensorReader.read(stored).to(device.toTorch(), dtype);
  }

  /** Makes something; it is closed again if loading fails. */
  private <T extends AutoCloseable> T owned(Supplier<T> making) {
    T resource = ComputeThread.inScope(making);
    loaded.push(resource);
    return resource;
  }

  private void closeLoaded(Throwable failure) {
    for (@Nullable AutoCloseable resource : loaded) {
      try {
        resource.close();
      } catch (Exception e) {
        failure.addSuppressed(e);
      }
    }
    TorchRuntime.trimMemory();
  }
}
