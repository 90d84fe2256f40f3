package io.proxytune.core.torch;

import io.proxytune.DeviceException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.global.torch;

/**
 * A device that exists on this machine: the CPU or a GPU. Immutable.
 *
 * @param index the GPU's index, −1 for the CPU, or −2 for {@link #META}
 */
public record TorchDevice(int index) {
  /** The CPU. */
  public static final TorchDevice CPU = new TorchDevice(-1);

  /**
   * A device without memory, which every LibTorch has: tensors there have a shape and no values. A
   * pass that comes to its end there has left nothing on the CPU that it needs.
   */
  public static final TorchDevice META = new TorchDevice(-2);

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

  /**
   * The devices that LibTorch can use here.
   *
   * @return the GPUs, and the CPU behind them
   */
  public static List<TorchDevice> all() {
    TorchRuntime.load();
    List<TorchDevice> devices = new ArrayList<>();
    int gpus = torch.cuda_is_available() ? (int) torch.getNumGPUs() : 0;
    for (int index = 0; index < gpus; index++) {
      devices.add(new TorchDevice(index));
    }
    devices.add(CPU);
    return devices;
  }

  /**
   * How much of its memory is free.
   *
   * @return bytes; nothing where that is unknown
   */
  public OptionalLong freeBytes() {
    if (isCpu()) {
      return FreeMemory.bytes();
    }
    try (TorchScope scope = TorchScope.open()) {
      return OptionalLong.of(torch.getMemoryInfo((byte) index).first());
    } catch (RuntimeException e) {
      return OptionalLong.empty();
    }
  }

  private static String whyNoCuda() {
    return torch.hasCUDA()
        ? "LibTorch has CUDA support but finds no usable GPU. Check the NVIDIA driver and that CUDA"
            + " 13 and cuDNN 9 can be loaded"
        : "the LibTorch on the class path is the CPU build. Build with the Maven profile gpu (or"
            + " gpu-slim with an installed CUDA), or use device cpu";
  }

  /**
   * Whether this is the CPU.
   *
   * @return whether it is
   */
  public boolean isCpu() {
    return equals(CPU);
  }

  /**
   * LibTorch's object for it, made in the current scope.
   *
   * @return the device
   */
  public Device toTorch() {
    return new Device(toString());
  }

  @Override
  public String toString() {
    return isCpu() ? "cpu" : equals(META) ? "meta" : "cuda:" + index;
  }
}
