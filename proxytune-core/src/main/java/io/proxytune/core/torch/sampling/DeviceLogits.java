package io.proxytune.core.torch.sampling;

import io.proxytune.core.torch.TorchLogits;
import io.proxytune.core.torch.TorchScope;
import io.proxytune.model.Logits;
import org.bytedeco.pytorch.Tensor;

/**
 * A view of logits as a tensor: a torch model's own, or a copy on the CPU of an application's. The
 * tensor is there until this is closed, also if another thread closes the logits meanwhile.
 */
final class DeviceLogits implements AutoCloseable {
  private final TorchLogits logits;
  private final boolean isCopy;

  private DeviceLogits(TorchLogits logits, boolean isCopy) {
    this.logits = logits;
    this.isCopy = isCopy;
  }

  static DeviceLogits of(Logits logits) {
    if (logits instanceof TorchLogits torchLogits) {
      torchLogits.lifetime().enter();
      return new DeviceLogits(torchLogits, false);
    }
    // On the calling thread: reading rows is the application's code.
    try (TorchScope scope = TorchScope.open()) {
      return new DeviceLogits(new TorchLogits(HeapTensors.upload(logits)), true);
    }
  }

  /** {@code [rows, width]}. */
  Tensor tensor() {
    return logits.tensor();
  }

  @Override
  public void close() {
    if (isCopy) {
      logits.close();
    } else {
      logits.lifetime().leave();
    }
  }
}
