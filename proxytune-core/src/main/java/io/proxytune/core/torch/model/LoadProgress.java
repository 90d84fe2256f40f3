package io.proxytune.core.torch.model;

import io.proxytune.core.LoadListener;
import io.proxytune.core.checkpoint.DecoderCheckpoint;
import io.proxytune.core.checkpoint.StoredTensor;
import java.util.HashSet;
import java.util.Set;

/** Counts what is loaded and tells the application's listener. For one thread. */
final class LoadProgress {
  private final LoadListener listener;
  private final String model;
  private final int totalTensors;
  private final long totalBytes;
  private final Set<StoredTensor> seen = new HashSet<>();
  private long bytes;

  LoadProgress(DecoderCheckpoint checkpoint, LoadListener listener) {
    this.listener = listener;
    this.model = checkpoint.folder().name();
    this.totalTensors = checkpoint.all().size();
    this.totalBytes = checkpoint.storedBytes();
  }

  /** Counts a tensor when it is read for the first time; parts of a fused one read it again. */
  void loaded(StoredTensor stored) {
    if (!seen.add(stored)) {
      return;
    }
    bytes += stored.byteLength();
    listener.onProgress(
        new LoadListener.Progress(
            model, stored.name(), seen.size(), totalTensors, bytes, totalBytes));
  }
}
