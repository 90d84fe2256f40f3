package io.proxytune.core;

import io.proxytune.CheckpointException;
import io.proxytune.LogitSource;
import io.proxytune.core.checkpoint.AdapterFolder;
import io.proxytune.core.checkpoint.DecoderCheckpoint;
import io.proxytune.core.checkpoint.WeightMemory;
import io.proxytune.core.files.FileWatch;
import io.proxytune.core.fit.FitReport;
import io.proxytune.core.hub.HubCache;
import io.proxytune.core.hub.ModelFolders;
import io.proxytune.core.tokenizer.CheckpointTokenizer;
import io.proxytune.core.torch.model.AdapterLoader;
import io.proxytune.core.torch.model.DevicePlans;
import io.proxytune.core.torch.model.ModelLoader;
import io.proxytune.model.LogitModel;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Loads Hugging Face checkpoint folders. Safe for use by several threads.
 *
 * <p>On the CPU these models load and compute on one daemon thread, {@code proxytune-compute}: what
 * several threads ask for takes turns, pass by pass and while loading layer by layer. Of two small
 * models that one step needs, one may run on another, {@code proxytune-beside}. Callers wait; their
 * own code (listeners, samplers, processors) is called on their own threads.
 *
 * <p>The first call that needs LibTorch loads it into the process. On Linux it then asks LibTorch
 * for large pages for large tensors, unless LibTorch was used before, the environment sets {@code
 * THP_MEM_ALLOC_ENABLE}, or the system property {@code proxytune.largePages} is {@code false}.
 *
 * <p><b>Threads.</b> An operation on the CPU uses at most as many threads as there are physical
 * cores that the process may use, by its affinity and by the CPU quotas of its control groups. A
 * pass of few tokens uses fewer where they are measured to be faster: in small models, and where
 * other programs take a core away; results don't depend on it. The system property {@code
 * proxytune.threads}, read with that first call, sets another number for the process: from 1 to its
 * processors, beyond which the nearest of them is taken. {@link
 * io.proxytune.ProxyTunerBuilder#threads} sets one for the requests of a tuner.
 *
 * <p>While passes run, OpenBLAS keeps to one thread, and has its own number again after them. On
 * Linux, threads that wait for work go to sleep sooner than OpenMP would have them (its variable
 * {@code GOMP_SPINCOUNT}), unless the environment sets that or {@code OMP_WAIT_POLICY}.
 */
public final class TorchModels {
  /** What a tokenizer may be read from; one that changes during a load is refused like weights. */
  private static final List<String> TOKENIZER_FILES =
      List.of(
          "tokenizer.json",
          "tokenizer_config.json",
          "special_tokens_map.json",
          "added_tokens.json",
          "chat_template.jinja",
          "chat_template.json");

  private static final String GENERATION_CONFIG = "generation_config.json";

  private TorchModels() {}

  /**
   * Finds a model's folder by the name that it has on the Hugging Face Hub. It is looked for in the
   * cache on this machine, where {@code HF_HUB_CACHE} or {@code HF_HOME} say that it is, or else in
   * {@code ~/.cache/huggingface/hub}; nothing is downloaded. Without a revision it is what the
   * branch main was when it was downloaded or, where a download was cut short, the newest revision
   * that is complete.
   *
   * @param model {@code owner/name}, or {@code owner/name@revision} with a branch, a tag, or at
   *     least 4 digits of a commit's hash. Where there is a folder of this path, it is that
   * @return the folder
   * @throws io.proxytune.CheckpointException if it is neither a folder nor in the cache, or not
   *     complete there; the message names the command that downloads it
   */
  public static Path folder(String model) {
    return ModelFolders.find(model, HubCache.ofProcess());
  }

  /**
   * Loads a checkpoint on the CPU in its stored dtype.
   *
   * @param folder a folder with {@code config.json} and safetensors files
   * @return the model; the caller closes it
   * @throws io.proxytune.CheckpointException if the folder can't be read, contradicts itself or is
   *     of an unsupported architecture
   * @throws io.proxytune.DeviceException if it does not fit into memory
   */
  public static LogitModel load(Path folder) {
    return load(folder, LoadOptions.defaults());
  }

  /**
   * Loads a checkpoint. A PEFT folder with a LoRA adapter is loaded as its model with the adapter
   * merged in, where {@code base_model_name_or_path} of its config is a folder here, seen from the
   * adapter's folder or from the working directory.
   *
   * @param folder a folder with {@code config.json} and safetensors files
   * @param options device, dtype, listener, adapter
   * @return the model; the caller closes it
   * @throws io.proxytune.CheckpointException if the folder can't be read, contradicts itself or is
   *     of an unsupported architecture, or an adapter does not fit
   * @throws io.proxytune.DeviceException if the device can't be had or the model does not fit
   */
  public static LogitModel load(Path folder, LoadOptions options) {
    if (AdapterFolder.isAdapter(folder)) {
      return loadMerged(AdapterFolder.open(folder), options);
    }
    DecoderCheckpoint checkpoint = DecoderCheckpoint.open(folder);
    FileWatch files = checkpoint.folder().files();
    watchTokenizer(folder, files);
    Set<Integer> endIds = checkpoint.generation().endOfTextIds();
    if (options.adapter().isEmpty()) {
      return ModelLoader.load(
          checkpoint, tokenizer(folder).map(tokenizer -> tokenizer), endIds, options);
    }
    files.watch(options.adapter().get().resolve(GENERATION_CONFIG));
    watchTokenizer(options.adapter().get(), files);
    AdapterFolder adapter = AdapterFolder.open(options.adapter().get());
    Optional<CheckpointTokenizer> own = tokenizer(adapter.path());
    return ModelLoader.load(
        checkpoint,
        own.or(() -> tokenizer(folder)).map(tokenizer -> tokenizer),
        endOfTextIds(adapter, own, endIds, checkpoint.spec().vocabulary()),
        options);
  }

  private static void watchTokenizer(Path folder, FileWatch files) {
    TOKENIZER_FILES.forEach(name -> files.watch(folder.resolve(name)));
  }

  /** A tuned model may end its texts otherwise than the one that it was made from. */
  private static Set<Integer> endOfTextIds(
      AdapterFolder adapter, Optional<CheckpointTokenizer> own, Set<Integer> hostIds, int width) {
    Set<Integer> ids = new TreeSet<>(adapter.endOfTextIds(width).orElse(hostIds));
    own.flatMap(CheckpointTokenizer::endOfTextId).filter(id -> id < width).ifPresent(ids::add);
    return Collections.unmodifiableSet(ids);
  }

  private static LogitModel loadMerged(AdapterFolder adapter, LoadOptions options) {
    if (options.adapter().isPresent()) {
      throw new CheckpointException(
          "an adapter can be put on a model, but "
              + adapter.path().toAbsolutePath()
              + " is an adapter itself: merge it into its model with PEFT (merge_and_unload), and"
              + " put the other one on the result");
    }
    return load(adapter.baseFolder(), options.withAdapter(adapter.path()));
  }

  /**
   * Puts a LoRA adapter beside a model that is in memory, which stays as it is. Host and result
   * share the weights: only the adapter's own matrices are loaded. When a tuner has both in its
   * roles, one pass serves both, and each weight is read once. Several adapters may share a host.
   * An embedding or head that was trained whole is in memory beside the host's. Norms, positions
   * and whole layers can only be merged: {@link LoadOptions#withAdapter}.
   *
   * <p>Each is closed by its owner, in any order: closing the result leaves the host open, and once
   * the host is closed the result refuses every call.
   *
   * @param host a model that {@link #load} loaded
   * @param adapter a PEFT folder with {@code adapter_config.json} and {@code
   *     adapter_model.safetensors}; its tokenizer is used if it has one, the host's otherwise. The
   *     result's end-of-text ids are those of the folder's {@code generation_config.json}, or else
   *     the host's, and the {@code eos_token} of the folder's own tokenizer
   * @return the model with the adapter; the caller closes it
   * @throws io.proxytune.CheckpointException if the folder can't be read, contradicts itself, is
   *     more than PEFT's LoRA with DoRA, biases and modules trained whole, changes what only a
   *     merged adapter can, or does not fit the host
   * @throws IllegalArgumentException if the host is an application's own source, or has an adapter
   *     beside it already
   * @throws IllegalStateException if the host is closed
   */
  public static LogitModel loadAdapter(LogitSource host, Path adapter) {
    AdapterFolder folder = AdapterFolder.open(adapter);
    watchTokenizer(adapter, folder.files());
    Optional<CheckpointTokenizer> own = tokenizer(adapter);
    return AdapterLoader.load(
        host,
        folder,
        own.map(tokenizer -> tokenizer),
        endOfTextIds(folder, own, host.endOfTextIds(), host.width()));
  }

  /** Models whose folder has no tokenizer can still be fed ids. */
  private static Optional<CheckpointTokenizer> tokenizer(Path folder) {
    return CheckpointTokenizer.find(folder);
  }

  /**
   * Checks that a checkpoint can be given text.
   *
   * @param folder a checkpoint folder
   * @throws io.proxytune.CheckpointException if it has no {@code tokenizer.json}; the message says
   *     how to make one of what there is
   */
  public static void requireTokenizer(Path folder) {
    CheckpointTokenizer.require(folder);
  }

  /**
   * Whether a folder holds a LoRA adapter in PEFT's layout, and no model of its own.
   *
   * @param folder any path
   * @return whether {@link #inspectAdapter} can read it
   */
  public static boolean isAdapter(Path folder) {
    return AdapterFolder.isAdapter(folder);
  }

  /**
   * Reads what a PEFT folder with a LoRA adapter holds; no weights are loaded and no native code
   * runs.
   *
   * @param folder a folder with {@code adapter_config.json} and {@code adapter_model.safetensors}
   * @return the summary
   * @throws io.proxytune.CheckpointException if the folder can't be read, contradicts itself, or is
   *     more than LoRA on linear layers
   */
  public static AdapterSummary inspectAdapter(Path folder) {
    return CheckpointInspector.inspect(AdapterFolder.open(folder));
  }

  /**
   * Reads what a checkpoint folder holds; no weights are loaded and no native code runs but the
   * tokenizer's.
   *
   * @param folder a checkpoint folder
   * @return the summary
   * @throws io.proxytune.CheckpointException if the folder can't be read or contradicts itself
   */
  public static CheckpointSummary inspect(Path folder) {
    return CheckpointInspector.inspect(
        DecoderCheckpoint.open(folder), tokenizer(folder).map(tokenizer -> tokenizer));
  }

  /**
   * Says which layers of a checkpoint would be on which device; no weights are loaded. Native code
   * runs only where the map leaves a device's part to what is free there.
   *
   * @param folder a checkpoint folder
   * @param options device map, dtype, quantization
   * @return the plan
   * @throws io.proxytune.CheckpointException if the folder can't be read or contradicts itself
   * @throws io.proxytune.DeviceException if the map does not fit the model, or a device whose free
   *     memory it needs can't be had
   */
  public static DevicePlan plan(Path folder, LoadOptions options) {
    return DevicePlans.of(DecoderCheckpoint.open(folder), options);
  }

  /**
   * Says which models fit together, and how; no weights are loaded and no native code runs but the
   * tokenizers'.
   *
   * @param folders two or more folders of checkpoints and LoRA adapters
   * @return the report; it names those that can't be loaded
   */
  public static FitReport compare(List<Path> folders) {
    return FitReport.of(folders);
  }

  /**
   * What a checkpoint's weights take in memory when they are loaded in the stored dtype; no weights
   * are loaded and no native code runs.
   *
   * @param folder a checkpoint folder
   * @param quantization how they are rounded
   * @return bytes, a tied head counted with the embedding unless it is quantized
   * @throws io.proxytune.CheckpointException if the folder can't be read or contradicts itself
   */
  public static long weightBytes(Path folder, Quantization quantization) {
    DecoderCheckpoint checkpoint = DecoderCheckpoint.open(folder);
    int stored = checkpoint.storedDType().bits() / Byte.SIZE;
    return WeightMemory.of(checkpoint, quantization, stored);
  }
}
