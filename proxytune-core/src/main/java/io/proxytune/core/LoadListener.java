package io.proxytune.core;

/** Hears how loading goes on. Called by the thread that loads; an exception ends the loading. */
@FunctionalInterface
public interface LoadListener {
  /**
   * A tensor is in place.
   *
   * @param progress how far loading is
   */
  void onProgress(Progress progress);

  /**
   * How far loading is.
   *
   * @param model the model's name
   * @param tensor the tensor just loaded
   * @param tensors how many tensors are loaded
   * @param totalTensors how many there are
   * @param bytes how many stored bytes are loaded
   * @param totalBytes how many there are
   */
  record Progress(
      String model, String tensor, int tensors, int totalTensors, long bytes, long totalBytes) {}
}
