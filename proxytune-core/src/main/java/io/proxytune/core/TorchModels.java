package io.proxytune.core;

import io.proxytune.LogitSource;
import java.nio.file.Path;

/** Loads Hugging Face checkpoint folders. Safe for use by several threads. */
@SuppressWarnings("DoNotCallSuggester")
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
    throw new UnsupportedOperationException();
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
    throw new UnsupportedOperationException();
  }

  /**
   * Sets how many CPU threads LibTorch uses inside an operation, for every model of this process.
   *
   * @param threads at least 1
   */
  public static void setThreads(int threads) {
    throw new UnsupportedOperationException();
  }
}
