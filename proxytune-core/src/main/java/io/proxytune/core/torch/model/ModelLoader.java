package io.proxytune.core.torch.model;

import io.proxytune.CheckpointException;
import io.proxytune.Tokenizer;
import io.proxytune.core.LoadOptions;
import io.proxytune.core.Quantization;
import io.proxytune.core.checkpoint.AdapterFolder;
import io.proxytune.core.checkpoint.DecoderCheckpoint;
import io.proxytune.core.checkpoint.LoraAdapter;
import io.proxytune.core.checkpoint.PublishedSettings;
import io.proxytune.core.checkpoint.WeightMemory;
import io.proxytune.core.torch.ComputeThread;
import io.proxytune.core.torch.MemoryCheck;
import io.proxytune.core.torch.ScalarTypes;
import io.proxytune.core.torch.TorchDevice;
import io.proxytune.core.torch.TorchRuntime;
import io.proxytune.model.LogitModel;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads the weights of a checked checkpoint. Each tensor is read, converted or packed, and what was
 * read is dropped before the next one, so that the weights are in memory once.
 */
public final class ModelLoader {
  private static final Logger logger = LoggerFactory.getLogger(ModelLoader.class);

  private final DecoderCheckpoint checkpoint;
  private final TorchDevice device;
  private final ScalarType dtype;
  private final Quantization quantization;
  private final Linears linears;
  private final LinearFactory inLayers;
  private final LinearFactory forHead;
  private final TiledWeights tiled = new TiledWeights();
  private final LoadProgress progress;
  private final Optional<LoraAdapter> adapter;

  private ModelLoader(DecoderCheckpoint checkpoint, LoadOptions options) {
    this.checkpoint = checkpoint;
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
    logger.info(
        "{}: weights of layers are {}, of the head {}",
        name(),
        inLayers.layout(),
        forHead.layout());
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
        new MergedWeights(checkpoint, loader.adapter),
        new TorchModel.Computation(decoder, scripted(decoder), loader.tiled),
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
    if (checkpoint.spec().head().tied() && !sharesHead() && !quantization.head()) {
      bytes += checkpoint.tensor(checkpoint.spec().embedding().tensor()).elements() * each;
    }
    bytes *=
        inLayers == linears && linears.twice() ? 2 : 1; // all but the head, which is there once
    memory.requireUnderJavaCppLimit(checkpoint.folder().name(), bytes);
    if (checkFree) {
      memory.toUse(bytes).requireFree(checkpoint.folder().name(), bytes);
    }
  }

  private Decoder decoder() {
    LoadedPieces.Factories factories =
        new LoadedPieces.Factories(inLayers, forHead, this::kernel, tiled, this::trim);
    try (LoadedPieces pieces =
        new LoadedPieces(checkpoint, adapter, device, dtype, progress, factories)) {
      try {
        Decoder decoder = new DecoderAssembly(checkpoint.spec(), pieces).decoder();
        checkpoint.folder().files().requireUnchanged();
        adapter.ifPresent(merged -> merged.folder().files().requireUnchanged());
        return decoder;
      } catch (CheckpointException e) {
        pieces.discard(e);
        TorchRuntime.trimMemory();
        throw explained(e);
      } catch (RuntimeException | Error e) {
        pieces.discard(e);
        TorchRuntime.trimMemory();
        throw e;
      }
    }
  }

  private AttentionKernel kernel(AttentionShape shape) {
    if (device.isCpu() && dtype != ScalarType.Float) {
      boolean fast = dtype == ScalarType.BFloat16 && linears.packed();
      return new BFloat16Kernel(AttentionKernel.of(shape, device, ScalarType.Float), fast);
    }
    return AttentionKernel.of(shape, device, dtype);
  }

  /** What rounding or packing freed lies in holes between the weights, and would stay there. */
  private void trim() {
    if (inLayers.copiesWeights()) {
      TorchRuntime.trimMemory();
    }
  }

  private CheckpointException explained(CheckpointException e) {
    CheckpointException explained = checkpoint.folder().files().explain(e);
    return adapter.map(merged -> merged.folder().files().explain(explained)).orElse(explained);
  }

  private static @Nullable ScriptedDecoder scripted(Decoder decoder) {
    return ComputeThread.inScope(() -> ScriptedDecoder.of(decoder)).orElse(null);
  }

  /**
   * Whether a tied head is the embedding's own tensor: as it is, not packed, rounded or adapted.
   */
  private boolean sharesHead() {
    return !forHead.copiesWeights() && adapter.filter(LoraAdapter::changesTables).isEmpty();
  }
}
