package io.proxytune.core.torch.model;

import static com.google.common.base.Preconditions.checkArgument;

import io.proxytune.core.DevicePlan;
import io.proxytune.core.torch.TorchDevice;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * On which devices the layers of a decoder are: the embedding is beside the first, the head beside
 * the last, and so are each layer's keys and values, its attention and its rotary embedding.
 * Immutable.
 *
 * @param parts runs of layers, in their order
 */
record Placement(List<Part> parts) {
  /**
   * A run of layers.
   *
   * @param device where they are
   * @param layers how many, at least 1
   */
  record Part(TorchDevice device, int layers) {}

  Placement {
    parts = List.copyOf(parts);
    checkArgument(!parts.isEmpty(), "a decoder is on one device at least");
  }

  /** All layers on one device. */
  static Placement of(TorchDevice device, int layers) {
    return new Placement(List.of(new Part(device, layers)));
  }

  /** What was planned, on devices that exist. */
  static Placement of(DevicePlan plan) {
    return new Placement(
        plan.parts().stream()
            .map(part -> new Part(TorchDevice.of(part.device()), part.layers()))
            .toList());
  }

  /** Whether passes cross from a part to another. */
  boolean isSplit() {
    return parts.size() > 1;
  }

  /** Whether some layers are on the CPU. */
  boolean usesCpu() {
    return parts.stream().anyMatch(part -> part.device.isCpu());
  }

  /** Where ids and positions are read. */
  TorchDevice first() {
    return parts.get(0).device;
  }

  /** Where logits come from. */
  TorchDevice last() {
    return parts.get(parts.size() - 1).device;
  }

  /** The device of each layer. */
  List<TorchDevice> layers() {
    List<TorchDevice> devices = new ArrayList<>();
    for (Part part : parts) {
      for (int i = 0; i < part.layers; i++) {
        devices.add(part.device);
      }
    }
    return List.copyOf(devices);
  }

  /** The same values on a device; the tensor itself where it is there. */
  static Tensor onto(TorchDevice device, Tensor tensor) {
    return tensor.to(device.toTorch(), tensor.scalar_type());
  }

  @Override
  public String toString() {
    return isSplit()
        ? String.join(",", parts.stream().map(part -> part.device + "=" + part.layers).toList())
        : first().toString();
  }
}
