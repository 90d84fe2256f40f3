package io.proxytune.core.torch.model;

import io.proxytune.core.LoadListener;
import io.proxytune.core.checkpoint.DecoderCheckpoint;
import io.proxytune.core.checkpoint.StoredTensor;

/** Counts what is loaded and tells the application's listener. For one thread. */
final class LoadProgress {
  private final LoadListener listener;
  private final String model;
  private final int totalTensors;
  private final long totalBytes;
  private int tensors;
  private long bytes;

  LoadProgress(DecoderCheckpoint checkpoint, LoadListener listener) {
    this.listener = listener;
    this.model = checkpoint.folder().name();
    this.totalTensors = checkpoint.tensors().all().size();
    this.totalBytes = checkpoint.storedBytes();
  }

  void loaded(StoredTensor stored) {
    tensors++;
    bytes += stored.byteLength();
    listener.onProgress(
        new LoadListener.Progress(model, stored.name(), tensors, totalTensors, bytes, totalBytes));
  }
}
