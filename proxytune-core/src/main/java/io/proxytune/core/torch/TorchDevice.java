package io.proxytune.core.torch;

import io.proxytune.DeviceException;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.global.torch;

/**
 * A device that exists on this machine: the CPU or a GPU. Immutable.
 *
 * @param index the GPU's index, or −1 for the CPU
 */
public record TorchDevice(int index) {
  /** The CPU. */
  public static final TorchDevice CPU = new TorchDevice(-1);

  /**
   * Finds a device.
   *
   * @param name {@code cpu}, {@code cuda} or {@code cuda:N}
   * @return the device
   * @throws DeviceException if it can't be had, with the reason
   */
  public static TorchDevice of(String name) {
    TorchRuntime.load();
    if (name.equals("cpu")) {
      return CPU;
    }
    int index = name.equals("cuda") ? 0 : Integer.parseInt(name.substring("cuda:".length()));
    if (!torch.cuda_is_available()) {
      throw new DeviceException(
          "device " + name + " was asked for, but CUDA is not available: " + whyNoCuda());
    }
    long count = torch.getNumGPUs();
    if (index >= count) {
      throw new DeviceException(
          String.format(
              "device %s was asked for, but this machine has %d CUDA device(s): use cuda:0%s",
              name, count, count > 1 ? " to cuda:" + (count - 1) : ""));
    }
    return new TorchDevice(index);
  }

  private static String whyNoCuda() {
    return torch.hasCUDA()
        ? "LibTorch has CUDA support but finds no usable GPU. Check the NVIDIA driver and that CUDA 13"
            + " and cuDNN 9 can be loaded"
        : "the LibTorch on the class path is the CPU build. Build with the Maven profile gpu (or"
            + " gpu-slim with an installed CUDA), or use device cpu";
  }

  /**
   * Whether this is the CPU.
   *
   * @return whether it is
   */
  public boolean isCpu() {
    return index < 0;
  }

  /**
   * LibTorch's object for it, made in the current scope.
   *
   * @return the device
   */
  public Device toTorch() {
    return isCpu() ? new Device("cpu") : new Device("cuda:" + index);
  }

  @Override
  public String toString() {
    return isCpu() ? "cpu" : "cuda:" + index;
  }
}
