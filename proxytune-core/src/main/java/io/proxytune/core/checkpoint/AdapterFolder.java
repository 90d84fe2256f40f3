package io.proxytune.core.checkpoint;

import static com.google.common.base.Strings.lenientFormat;

import io.proxytune.CheckpointException;
import io.proxytune.core.files.FileWatch;
import io.proxytune.core.files.InputFile;
import io.proxytune.core.hub.CacheAdvice;
import io.proxytune.core.hub.HubCache;
import io.proxytune.core.hub.HubName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A PEFT folder with a LoRA adapter: {@code adapter_config.json} and {@code
 * adapter_model.safetensors}. Beside pairs it may hold magnitudes (DoRA), and weights and biases
 * that were trained whole. Files are read when it is opened and none is kept open. Immutable; safe
 * for use by several threads.
 */
public final class AdapterFolder {
  private static final String WEIGHTS = "adapter_model.safetensors";

  private final Path path;
  private final AdapterConfig config;
  private final Map<String, LoraTensors> pairs;
  private final Map<String, StoredTensor> wholes;
  private final Map<String, StoredTensor> copies;
  private final FileWatch files;

  private AdapterFolder(Path path, AdapterConfig config, AdapterTensors tensors, FileWatch files) {
    this.path = path;
    this.config = config;
    this.pairs = Collections.unmodifiableMap(tensors.pairs());
    this.wholes = Collections.unmodifiableMap(tensors.wholes());
    this.copies = Collections.unmodifiableMap(tensors.copies());
    this.files = files;
  }

  /**
   * Whether a folder holds an adapter and no model of its own.
   *
   * @param path any path
   * @return whether it is to be opened here, not as a checkpoint
   */
  public static boolean isAdapter(Path path) {
    return InputFile.isListed(path.resolve(AdapterConfig.FILE)) && !WeightFiles.areIn(path);
  }

  /**
   * Reads a folder's config and the header of its weights.
   *
   * @param path the folder
   * @return the adapter
   * @throws CheckpointException if it is no such folder, a file is missing, unreadable, damaged or
   *     contradicts the other, or the adapter is more than what LoRA of PEFT's saves
   */
  public static AdapterFolder open(Path path) {
    if (!InputFile.isListed(path.resolve(AdapterConfig.FILE))) {
      throw new CheckpointException(
          lenientFormat(
              "adapter folder %s has no adapter_config.json; %s",
              path.toAbsolutePath(),
              CacheAdvice.advice(path)
                  .orElse("give the folder that PEFT's save_pretrained wrote")));
    }
    FileWatch files = new FileWatch();
    files.watch(path.resolve(GenerationConfig.FILE));
    AdapterConfig config = AdapterConfig.read(files.watch(path.resolve(AdapterConfig.FILE)));
    Path weights = path.resolve(WEIGHTS);
    if (!InputFile.isListed(weights)) {
      throw new CheckpointException(
          lenientFormat(
              "adapter folder %s has no %s; %s",
              path.toAbsolutePath(),
              WEIGHTS,
              Files.exists(path.resolve("adapter_model.bin"))
                  ? "load it with PEFT and save it again with safe_serialization=True"
                  : CacheAdvice.advice(path).orElse("download it beside adapter_config.json")));
    }
    return new AdapterFolder(
        path,
        config,
        new AdapterTensors(config, SafetensorsFile.read(files.watch(weights))),
        files);
  }

  /**
   * The folder's own name, for messages; of a revision in the Hub's cache that of the adapter.
   *
   * @return the last element of its absolute path, or the name on the Hub
   */
  public String name() {
    return CheckpointFolder.nameOf(path);
  }

  /**
   * Where the folder is.
   *
   * @return the path that it was opened with
   */
  public Path path() {
    return path;
  }

  /**
   * The model that it was trained on, by its own account.
   *
   * @return a path or a name on the Hub, if the config gives one
   */
  public Optional<String> baseModel() {
    return config.baseModel();
  }

  /**
   * The folder of the model that it was trained on: the path that its config names, taken from the
   * adapter's own folder (where a link leads to it, from both), or else from the working directory;
   * or else the model of that name in the Hub's cache.
   *
   * @return an existing folder
   * @throws CheckpointException if there is none
   */
  public Path baseFolder() {
    return localBase().or(this::cachedBase).orElseThrow(() -> noBase(baseProblem()));
  }

  private String baseProblem() {
    return baseModel()
        .map(
            name ->
                lenientFormat(
                    "names its model \"%s\", which is no folder here%s",
                    name,
                    hubName().map(hub -> " (" + hub.download() + " downloads it)").orElse("")))
        .orElse("does not say which model it is for");
  }

  /**
   * The folder of the model that it was trained on.
   *
   * @return what {@link #baseFolder()} gives, or nothing
   */
  public Optional<Path> findBaseFolder() {
    try {
      return localBase().or(this::cachedBase);
    } catch (CheckpointException e) {
      return Optional.empty(); // what the cache has of it is not complete
    }
  }

  private Optional<HubName> hubName() {
    String revision = config.baseRevision().map(r -> "@" + r).orElse("");
    return baseModel().flatMap(name -> HubName.parse(name + revision));
  }

  private Optional<Path> cachedBase() {
    HubCache cache = HubCache.ofProcess();
    return hubName().filter(cache::knows).map(cache::find);
  }

  private Optional<Path> localBase() {
    return baseModel().stream()
        .flatMap(name -> candidates(name).stream())
        .filter(Files::isDirectory)
        .findFirst();
  }

  private List<Path> candidates(String named) {
    try {
      Path absolute = path.toAbsolutePath();
      return List.of(
          path.toRealPath().resolve(named).normalize(),
          absolute.resolve(named).normalize(),
          Path.of(named));
    } catch (IOException e) {
      throw InputFile.unreadable(path, e);
    } catch (InvalidPathException e) {
      return List.of();
    }
  }

  private CheckpointException noBase(String problem) {
    return new CheckpointException(
        lenientFormat(
            "adapter folder %s %s (base_model_name_or_path); load that model with the adapter"
                + " (LoadOptions.withAdapter, or --expert-adapter), or write the path of its folder"
                + " into adapter_config.json",
            path.toAbsolutePath(), problem));
  }

  /**
   * The ids that end a text by the folder's own {@code generation_config.json}.
   *
   * @param vocabularySize the width of the model's logits
   * @return EOS, each in {@code [0, vocabularySize)}; nothing where the folder does not say
   */
  public Optional<Set<Integer>> endOfTextIds(int vocabularySize) {
    return GenerationConfig.endOfTextIds(path, vocabularySize);
  }

  /**
   * The rank of the modules that {@code rank_pattern} does not name.
   *
   * @return r, at least 1
   */
  public int rank() {
    return config.rank();
  }

  /**
   * The α of the modules that {@code alpha_pattern} does not name; what is added is multiplied by α
   * / r, or by α / √r where {@link #isRankStabilized()}.
   *
   * @return {@code lora_alpha}, finite
   */
  public double alpha() {
    return config.alpha();
  }

  /**
   * Whether the scale is that of rank-stabilized LoRA.
   *
   * @return {@code use_rslora}
   */
  public boolean isRankStabilized() {
    return config.rankStabilized();
  }

  /**
   * What it adds, by the names of the linear layers and of the embedding.
   *
   * @return a pair of tensors a layer; unmodifiable
   */
  public Map<String, LoraTensors> pairs() {
    return pairs;
  }

  /**
   * The files that it was read from.
   *
   * @return the files, each as it was when it was opened
   */
  public FileWatch files() {
    return files;
  }

  AdapterConfig config() {
    return config;
  }

  /**
   * What it has in place of the model's own: weights of modules that were trained whole, biases.
   *
   * @return the tensors by the names of the model's; unmodifiable
   */
  public Map<String, StoredTensor> wholes() {
    return wholes;
  }

  /** Weights that must equal the model's own, by the names of those. */
  Map<String, StoredTensor> copies() {
    return copies;
  }
}
