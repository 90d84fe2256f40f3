package io.proxytune.core.torch.sampling;

import io.proxytune.Logits;
import io.proxytune.core.torch.ComputeThread;
import io.proxytune.core.torch.TorchLogits;
import org.bytedeco.pytorch.Tensor;

/** A view of logits as a tensor: a torch model's own, or a copy on the CPU of an application's. */
final class DeviceLogits implements AutoCloseable {
  private final TorchLogits logits;
  private final boolean isCopy;

  private DeviceLogits(TorchLogits logits, boolean isCopy) {
    this.logits = logits;
    this.isCopy = isCopy;
  }

  static DeviceLogits of(Logits logits) {
    if (logits instanceof TorchLogits torchLogits) {
      return new DeviceLogits(torchLogits, false);
    }
    TorchLogits copy = ComputeThread.inScope(() -> new TorchLogits(HeapTensors.upload(logits)));
    return new DeviceLogits(copy, true);
  }

  /** {@code [rows, width]}. */
  Tensor tensor() {
    return logits.tensor();
  }

  @Override
  public void close() {
    if (isCopy) {
      logits.close();
    }
  }
}
