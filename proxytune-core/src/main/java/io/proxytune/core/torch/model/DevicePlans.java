package io.proxytune.core.torch.model;

import io.proxytune.core.DeviceMap;
import io.proxytune.core.DevicePlan;
import io.proxytune.core.LoadOptions;
import io.proxytune.core.checkpoint.DecoderCheckpoint;
import io.proxytune.core.checkpoint.DevicePlanner;
import io.proxytune.core.checkpoint.PartSizes;
import io.proxytune.core.torch.ScalarTypes;
import io.proxytune.core.torch.TorchDevice;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** Lays checkpoints out on this machine's devices. */
public final class DevicePlans {
  private DevicePlans() {}

  /**
   * Says where the parts of a checkpoint are once it is loaded.
   *
   * @param checkpoint the checkpoint
   * @param options device map, dtype, quantization
   * @return the plan
   * @throws io.proxytune.DeviceException if the map does not fit the model, or a device that it
   *     asks for free memory can't be had
   */
  public static DevicePlan of(DecoderCheckpoint checkpoint, LoadOptions options) {
    int each = ScalarTypes.bytes(ScalarTypes.of(options.dtype(), checkpoint.storedDType()));
    List<DeviceMap.Part> parts = options.devices().parts();
    return DevicePlanner.plan(
        checkpoint.folder().name(),
        PartSizes.of(checkpoint.spec(), options.quantization(), each),
        parts.isEmpty() ? all() : parts,
        device -> TorchDevice.of(device).freeBytes());
  }

  private static List<DeviceMap.Part> all() {
    return TorchDevice.all().stream()
        .map(
            device ->
                new DeviceMap.Part(device.toString(), OptionalInt.empty(), OptionalLong.empty()))
        .toList();
  }
}
