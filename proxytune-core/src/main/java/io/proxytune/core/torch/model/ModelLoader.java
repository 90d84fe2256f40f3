package io.proxytune.core.torch.model;

import io.proxytune.CheckpointException;
import io.proxytune.Tokenizer;
import io.proxytune.core.DevicePlan;
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
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
  private final ScalarType dtype;
  private final Quantization quantization;
  private final DevicePlan plan;
  private final Placement placement;

  /** How the layers of each part are computed. */
  private final List<Computing> parts;

  private final TiledWeights tiled = new TiledWeights();
  private final LoadProgress progress;
  private final Optional<LoraAdapter> adapter;
  private final Optional<Path> weightCache;

  /** How linear layers are computed on a device. */
  private record Computing(
      TorchDevice device, Linears linears, LinearFactory inLayers, LinearFactory forHead) {
    static Computing on(TorchDevice device, ScalarType dtype, LoadOptions options) {
      Quantization quantization = options.quantization();
      Linears linears = Linears.on(device, dtype, options.layout());
      LinearFactory inLayers = quantization.isSome() ? Quantizer.of(quantization, device) : linears;
      LinearFactory forHead = quantization.head() ? inLayers : Heads.on(device, dtype, linears);
      return new Computing(device, linears, inLayers, forHead);
    }

    /** How layers and head are kept; nothing where neither is. */
    Optional<String> kept(ScalarType dtype) {
      Optional<String> layers = KeptForm.of(inLayers, dtype);
      Optional<String> head = KeptForm.of(forHead, dtype);
      return layers.isEmpty() && head.isEmpty()
          ? Optional.empty()
          : Optional.of(device + ": " + layers + ", " + head);
    }

    /** What is read, and lies in memory a second time. */
    boolean isTwice() {
      return inLayers == linears && linears.twice();
    }
  }

  private ModelLoader(DecoderCheckpoint checkpoint, LoadOptions options) {
    this.checkpoint = checkpoint;
    this.quantization = options.quantization();
    options.devices().parts().forEach(part -> Quantizer.requireCpu(quantization, part.device()));
    this.dtype = ScalarTypes.of(options.dtype(), checkpoint.storedDType());
    this.plan = DevicePlans.of(checkpoint, options);
    this.placement = Placement.of(plan);
    this.progress = new LoadProgress(checkpoint, options.listener());
    this.adapter =
        options.adapter().map(path -> LoraAdapter.bind(AdapterFolder.open(path), checkpoint));
    this.weightCache = options.weightCache();
    this.parts =
        placement.parts().stream()
            .map(part -> ComputeThread.inScope(() -> Computing.on(part.device(), dtype, options)))
            .toList();
    logger.info(
        "{} on {}: weights of layers are {}, of the head {}",
        name(),
        placement,
        parts.get(0).inLayers.layout(),
        last().forHead.layout());
  }

  private Computing last() {
    return parts.get(parts.size() - 1);
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
    if (loader.placement.usesCpu()) {
      loader.checkMemory(memory, options.memoryCheck());
    }
    TorchModel.Identity identity =
        new TorchModel.Identity(loader.name(), endOfTextIds, tokenizer, loader.published());
    Decoder decoder = loader.decoder();
    return new TorchModel(
        identity,
        new MergedWeights(checkpoint, loader.adapter),
        new Computation(decoder, loader.scripted(decoder), loader.tiled),
        loader.placement,
        loader.dtype,
        options);
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
    long bytes = placement.isSplit() ? bytesOnCpu() : bytes();
    memory.requireUnderJavaCppLimit(checkpoint.folder().name(), bytes);
    if (checkFree) {
      memory.toUse(bytes).requireFree(checkpoint.folder().name(), bytes);
    }
  }

  private long bytes() {
    int each = ScalarTypes.bytes(dtype);
    long bytes = WeightMemory.of(checkpoint, quantization, each);
    if (checkpoint.spec().head().tied() && !sharesHead() && !quantization.head()) {
      bytes += checkpoint.tensor(checkpoint.spec().embedding().tensor()).elements() * each;
    }
    return parts.get(0).isTwice() ? 2 * bytes : bytes; // all but the head, which is there once
  }

  private long bytesOnCpu() {
    return plan.parts().stream()
        .filter(part -> part.device().equals("cpu"))
        .mapToLong(DevicePlan.Part::bytes)
        .sum();
  }

  private Decoder decoder() {
    try (WeightCache cache = weightCache();
        LoadedPieces pieces =
            new LoadedPieces(
                checkpoint,
                adapter,
                placement.first(),
                dtype,
                progress,
                factories(parts.get(0)),
                cache)) {
      try {
        Decoder decoder =
            new DecoderAssembly(checkpoint.spec(), placement, ofParts(pieces)).decoder();
        checkpoint.folder().files().requireUnchanged();
        adapter.ifPresent(merged -> merged.folder().files().requireUnchanged());
        cache.complete();
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

  private WeightCache weightCache() {
    if (weightCache.isEmpty()) {
      return WeightCache.NONE;
    }
    List<String> kept =
        parts.stream()
            .flatMap(part -> ComputeThread.inScope(() -> part.kept(dtype)).stream())
            .toList();
    if (kept.isEmpty()) {
      logger.info("Packed weights of {} are not kept: none in these layouts are", name());
      return WeightCache.NONE;
    }
    try {
      String way = ScalarTypes.name(dtype) + " " + quantization + " " + kept;
      return WeightCache.open(KeptPlace.in(weightCache.get(), name(), checkpoint, adapter, way));
    } catch (IOException | CheckpointException e) {
      logger.warn("Packed weights of {} are not kept: {}", name(), e.toString());
      return WeightCache.NONE;
    }
  }

  private List<LoadedPieces> ofParts(LoadedPieces first) {
    List<LoadedPieces> all = new ArrayList<>(List.of(first));
    for (Computing part : parts.subList(1, parts.size())) {
      all.add(first.on(part.device, factories(part)));
    }
    return all;
  }

  private LoadedPieces.Factories factories(Computing part) {
    return new LoadedPieces.Factories(
        part.inLayers, part.forHead, shape -> kernel(shape, part), tiled, () -> trim(part));
  }

  private AttentionKernel kernel(AttentionShape shape, Computing part) {
    if (part.device.isCpu() && dtype != ScalarType.Float) {
      boolean fast = dtype == ScalarType.BFloat16 && part.linears.packed();
      return new BFloat16Kernel(AttentionKernel.of(shape, part.device, ScalarType.Float), fast);
    }
    return AttentionKernel.of(shape, part.device, dtype);
  }

  /** What rounding or packing freed lies in holes between the weights, and would stay there. */
  private static void trim(Computing part) {
    if (part.inLayers.copiesWeights()) {
      TorchRuntime.trimMemory();
    }
  }

  private CheckpointException explained(CheckpointException e) {
    CheckpointException explained = checkpoint.folder().files().explain(e);
    return adapter.map(merged -> merged.folder().files().explain(explained)).orElse(explained);
  }

  private @Nullable ScriptedDecoder scripted(Decoder decoder) {
    return ComputeThread.inScope(() -> ScriptedDecoder.of(decoder, placement)).orElse(null);
  }

  /**
   * Whether a tied head is the embedding's own tensor: as it is, not packed, rounded or adapted.
   */
  private boolean sharesHead() {
    return !last().forHead.copiesWeights() && adapter.filter(LoraAdapter::changesTables).isEmpty();
  }
}
