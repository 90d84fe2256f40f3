package io.proxytune.core.torch.sampling;

import io.proxytune.model.Logits;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Several logits as tensors, which are there until this is closed; copies of an application's own
 * are freed with it. For one thread.
 */
final class DeviceTensors implements AutoCloseable {
  private final List<DeviceLogits> held = new ArrayList<>();

  Tensor rowsOf(Logits logits) {
    DeviceLogits rows = DeviceLogits.of(logits);
    held.add(rows);
    return rows.tensor();
  }

  @Override
  public void close() {
    held.forEach(DeviceLogits::close);
  }
}
