package io.proxytune.core;

import static com.google.common.base.Preconditions.checkArgument;

import io.proxytune.LogitSource;
import io.proxytune.Tokenizer;
import io.proxytune.core.checkpoint.DecoderCheckpoint;
import io.proxytune.core.tokenizer.CheckpointTokenizer;
import io.proxytune.core.torch.TorchRuntime;
import io.proxytune.core.torch.model.ModelLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Loads Hugging Face checkpoint folders. Safe for use by several threads. */
public final class TorchModels {
  private TorchModels() {}

  /**
   * Loads a checkpoint on the CPU in its stored dtype.
   *
   * @param folder a folder with {@code config.json} and safetensors files
   * @return the model; the caller closes it
   * @throws io.proxytune.CheckpointException if the folder can't be read, contradicts itself or is
   *     of an unsupported architecture
   * @throws io.proxytune.DeviceException if it does not fit into memory
   */
  public static LogitSource load(Path folder) {
    return load(folder, LoadOptions.defaults());
  }

  /**
   * Loads a checkpoint.
   *
   * @param folder a folder with {@code config.json} and safetensors files
   * @param options device, dtype, listener
   * @return the model; the caller closes it
   * @throws io.proxytune.CheckpointException if the folder can't be read, contradicts itself or is
   *     of an unsupported architecture
   * @throws io.proxytune.DeviceException if the device can't be had or the model does not fit
   */
  public static LogitSource load(Path folder, LoadOptions options) {
    DecoderCheckpoint checkpoint = DecoderCheckpoint.open(folder);
    return ModelLoader.load(checkpoint, tokenizer(folder), options);
  }

  /** Models whose folder has no tokenizer can still be fed ids. */
  private static Optional<Tokenizer> tokenizer(Path folder) {
    return Files.exists(folder.resolve("tokenizer.json"))
        ? Optional.of(CheckpointTokenizer.open(folder))
        : Optional.empty();
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
    return CheckpointInspector.inspect(DecoderCheckpoint.open(folder), tokenizer(folder));
  }

  /**
   * Sets how many CPU threads LibTorch uses inside an operation, for every model of this process.
   * Without it: the system property {@code proxytune.threads}, else the physical cores that the
   * container may use.
   *
   * @param threads from 1 to the processors that this process may use: more only wait for each
   *     other
   */
  public static void setThreads(int threads) {
    int processors = Runtime.getRuntime().availableProcessors();
    checkArgument(
        threads >= 1 && threads <= processors,
        "threads must be in [1, %s], the processors that this process may use, got %s",
        processors,
        threads);
    TorchRuntime.setThreads(threads);
  }
}
