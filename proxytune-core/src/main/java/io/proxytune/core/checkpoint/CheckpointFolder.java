package io.proxytune.core.checkpoint;

import io.proxytune.CheckpointException;
import io.proxytune.core.config.ConfigJson;
import io.proxytune.core.files.FileWatch;
import io.proxytune.core.files.InputFile;
import io.proxytune.core.hub.HubCache;
import io.proxytune.core.hub.HubName;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * A Hugging Face checkpoint folder: its name, its {@code config.json} and which tensors its
 * safetensors files hold. Files are read when it is opened and none is kept open. Safe for use by
 * several threads.
 */
public final class CheckpointFolder {
  private static final String CONFIG = "config.json";

  private final Path path;
  private final ConfigJson config;
  private final Map<String, StoredTensor> tensors;
  private final FileWatch files;

  private CheckpointFolder(
      Path path, ConfigJson config, Map<String, StoredTensor> tensors, FileWatch files) {
    this.path = path;
    this.config = config;
    this.tensors = tensors;
    this.files = files;
  }

  /**
   * Reads a folder's {@code config.json} and the headers of its safetensors files: of {@code
   * model.safetensors}, or else of the shards that {@code model.safetensors.index.json} names.
   *
   * @param path the folder
   * @return what it holds
   * @throws CheckpointException if it is no such folder, or a file is missing, unreadable, damaged
   *     or contradicts another
   */
  public static CheckpointFolder open(Path path) {
    checkFolder(path);
    if (!InputFile.isListed(path.resolve(CONFIG))) {
      throw new CheckpointException(
          "checkpoint folder "
              + path.toAbsolutePath()
              + " has no config.json; "
              + (WeightFiles.areIn(path)
                  ? "download it beside the weights"
                  : OtherFormats.advice(path).orElse("download it beside the weights")));
    }
    FileWatch files = new FileWatch();
    files.watch(path.resolve(GenerationConfig.FILE));
    ConfigJson config = ConfigJson.read(files.watch(path.resolve(CONFIG)));
    return new CheckpointFolder(path, config, WeightFiles.read(path, files), files);
  }

  private static void checkFolder(Path path) {
    if (!Files.exists(path)) {
      throw new CheckpointException(
          "checkpoint folder "
              + path.toAbsolutePath()
              + " does not exist; give the path of a downloaded Hugging Face checkpoint"
              + " (TorchModels.folder finds it by its name on the Hub)");
    }
    if (!Files.isDirectory(path)) {
      throw new CheckpointException(
          "expected a checkpoint folder, got the file "
              + path
              + "; give the folder that holds config.json and the safetensors files");
    }
  }

  /**
   * The folder's own name, for messages; of a revision in the Hub's cache that of the model.
   *
   * @return the last element of its absolute path, or the name on the Hub
   */
  public String name() {
    return nameOf(path);
  }

  /**
   * A folder's own name, whatever it holds.
   *
   * @param path a folder
   * @return the last element of its absolute path, or the name on the Hub
   */
  public static String nameOf(Path path) {
    return HubCache.nameOf(path).map(HubName::model).orElseGet(() -> ownName(path));
  }

  private static String ownName(Path path) {
    Path absolute = path.toAbsolutePath().normalize();
    Path name = absolute.getFileName();
    return name == null ? absolute.toString() : name.toString();
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
   * The tensors of all its files.
   *
   * @return the tensors by name, shard by shard in the order of their bytes; unmodifiable
   */
  public Map<String, StoredTensor> tensors() {
    return tensors;
  }

  /** The same folder, its tensors by other names. */
  CheckpointFolder withTensors(Map<String, StoredTensor> renamed) {
    return new CheckpointFolder(path, config, renamed, files);
  }

  ConfigJson config() {
    return config;
  }

  /** Another JSON file of the folder, if it lists one of that name. */
  Optional<ConfigJson> json(String name) {
    return Optional.of(path.resolve(name))
        .filter(InputFile::isListed)
        .map(files::watch)
        .map(ConfigJson::read);
  }

  /**
   * The files that it was read from. One that something else of the folder is read from may be
   * added.
   *
   * @return the files, each as it was when it was opened
   */
  public FileWatch files() {
    return files;
  }
}
