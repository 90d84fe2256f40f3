package io.proxytune.core;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.util.Optional;

/**
 * How a checkpoint is loaded: immutable.
 *
 * @param device {@code cpu} or {@code cuda:N}
 * @param dtype the number format in memory
 * @param listener hears of each tensor
 * @param memoryCheck whether loading is refused in advance where the weights would not fit
 * @param adapter a PEFT folder whose LoRA adapter is merged into the weights
 * @param quantization how the weights of linear layers are rounded; int8 and int4 are for the CPU
 * @param layout how those that are not rounded lie in memory
 */
public record LoadOptions(
    String device,
    DType dtype,
    LoadListener listener,
    boolean memoryCheck,
    Optional<Path> adapter,
    Quantization quantization,
    WeightLayout layout) {
  public LoadOptions {
    checkArgument(
        device.equals("cpu") || device.matches("cuda(:[0-9]{1,3})?"),
        "device must be cpu or cuda:N, got \"%s\"",
        device);
    requireNonNull(dtype, "dtype");
    requireNonNull(listener, "listener");
    requireNonNull(adapter, "adapter");
    requireNonNull(quantization, "quantization");
    requireNonNull(layout, "layout");
  }

  /**
   * On the CPU, as stored, checked against the machine's free memory.
   *
   * @return the default options
   */
  public static LoadOptions defaults() {
    return new LoadOptions(
        "cpu",
        DType.AS_STORED,
        progress -> {},
        true,
        Optional.empty(),
        Quantization.none(),
        WeightLayout.PACKED);
  }

  /**
   * The same on another device.
   *
   * @param device {@code cpu}, {@code cuda} (the first GPU) or {@code cuda:N}
   * @return new options
   */
  public LoadOptions withDevice(String device) {
    return new LoadOptions(device, dtype, listener, memoryCheck, adapter, quantization, layout);
  }

  /**
   * The same in another number format.
   *
   * @param dtype the format
   * @return new options
   */
  public LoadOptions withDType(DType dtype) {
    return new LoadOptions(device, dtype, listener, memoryCheck, adapter, quantization, layout);
  }

  /**
   * The same with a listener.
   *
   * @param listener hears of each tensor
   * @return new options
   */
  public LoadOptions withListener(LoadListener listener) {
    return new LoadOptions(device, dtype, listener, memoryCheck, adapter, quantization, layout);
  }

  /**
   * The same with the check of free memory on or off.
   *
   * @param memoryCheck whether to check
   * @return new options
   */
  public LoadOptions withMemoryCheck(boolean memoryCheck) {
    return new LoadOptions(device, dtype, listener, memoryCheck, adapter, quantization, layout);
  }

  /**
   * The same with a LoRA adapter merged into the weights: {@code W + scale · B · A}, computed in
   * float32 and rounded once. The model is then as fast as without. To keep a model and its adapted
   * form in memory together, see {@link TorchModels#loadAdapter}.
   *
   * @param adapter a PEFT folder with {@code adapter_config.json} and {@code
   *     adapter_model.safetensors}
   * @return new options
   */
  public LoadOptions withAdapter(Path adapter) {
    return new LoadOptions(
        device, dtype, listener, memoryCheck, Optional.of(adapter), quantization, layout);
  }

  /**
   * The same without an adapter.
   *
   * @return new options
   */
  public LoadOptions withoutAdapter() {
    return new LoadOptions(
        device, dtype, listener, memoryCheck, Optional.empty(), quantization, layout);
  }

  /**
   * The same with weights rounded to 8 or 4 bits as they are loaded, on the CPU alone. An adapter
   * is merged before.
   *
   * @param quantization how to round them
   * @return new options
   */
  public LoadOptions withQuantization(Quantization quantization) {
    return new LoadOptions(device, dtype, listener, memoryCheck, adapter, quantization, layout);
  }

  /**
   * The same with the weights in memory in another layout.
   *
   * @param layout the layout
   * @return new options
   */
  public LoadOptions withLayout(WeightLayout layout) {
    return new LoadOptions(device, dtype, listener, memoryCheck, adapter, quantization, layout);
  }
}
