package io.proxytune.core;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * How a checkpoint is loaded: immutable. Start from {@link #defaults()} and change what you need.
 */
public final class LoadOptions implements Cloneable {
  private static final LoadOptions DEFAULTS = new LoadOptions();

  private DeviceMap devices = DeviceMap.parse("cpu");
  private DType dtype = DType.AS_STORED;
  private LoadListener listener = progress -> {};
  private boolean memoryCheck = true;
  private Optional<Path> adapter = Optional.empty();
  private Quantization quantization = Quantization.none();
  private WeightLayout layout = WeightLayout.PACKED;
  private boolean slidingWindowCache = false;
  private Optional<Path> weightCache = Optional.empty();

  private LoadOptions() {}

  /** A copy with a change. */
  private LoadOptions with(Consumer<LoadOptions> change) {
    try {
      LoadOptions copy = (LoadOptions) clone();
      change.accept(copy);
      return copy;
    } catch (CloneNotSupportedException e) {
      throw new AssertionError(e);
    }
  }

  /**
   * On the CPU, as stored, checked against the machine's free memory.
   *
   * @return the default options
   */
  public static LoadOptions defaults() {
    return DEFAULTS;
  }

  /**
   * The same on another device.
   *
   * @param device {@code cpu}, {@code cuda} (the first GPU), {@code cuda:N}, or what {@link
   *     DeviceMap#parse} reads besides
   * @return new options
   */
  public LoadOptions withDevice(String device) {
    return withDevices(DeviceMap.parse(device));
  }

  /**
   * The same with the layers on several devices. What one device hands to the next is the residual
   * stream of a pass's tokens. Passes then go layer by layer, without the programs that make passes
   * of few tokens fast on the CPU alone.
   *
   * @param devices which devices, and how much of the model each has
   * @return new options
   */
  public LoadOptions withDevices(DeviceMap devices) {
    return with(set -> set.devices = requireNonNull(devices, "devices"));
  }

  /**
   * The same in another number format.
   *
   * @param dtype the format
   * @return new options
   */
  public LoadOptions withDType(DType dtype) {
    return with(set -> set.dtype = requireNonNull(dtype, "dtype"));
  }

  /**
   * The same with a listener.
   *
   * @param listener hears of each tensor
   * @return new options
   */
  public LoadOptions withListener(LoadListener listener) {
    return with(set -> set.listener = requireNonNull(listener, "listener"));
  }

  /**
   * The same with the check of free memory on or off.
   *
   * @param memoryCheck whether to check
   * @return new options
   */
  public LoadOptions withMemoryCheck(boolean memoryCheck) {
    return with(set -> set.memoryCheck = memoryCheck);
  }

  /**
   * The same with a LoRA adapter merged into the weights: {@code W + scale · B · A}, with DoRA its
   * rows brought to their magnitudes, computed in float32 and rounded once; what was trained whole
   * takes the place of the model's own. The model is then as fast as without. To keep a model and
   * its adapted form in memory together, see {@link TorchModels#loadAdapter}.
   *
   * @param adapter a PEFT folder with {@code adapter_config.json} and {@code
   *     adapter_model.safetensors}
   * @return new options
   */
  public LoadOptions withAdapter(Path adapter) {
    return with(set -> set.adapter = Optional.of(adapter));
  }

  /**
   * The same without an adapter.
   *
   * @return new options
   */
  public LoadOptions withoutAdapter() {
    return with(set -> set.adapter = Optional.empty());
  }

  /**
   * The same with weights rounded to 8 or 4 bits as they are loaded, on the CPU alone. An adapter
   * is merged before.
   *
   * @param quantization how to round them
   * @return new options
   */
  public LoadOptions withQuantization(Quantization quantization) {
    return with(set -> set.quantization = requireNonNull(quantization, "quantization"));
  }

  /**
   * The same with the weights in memory in another layout.
   *
   * @param layout the layout
   * @return new options
   */
  public LoadOptions withLayout(WeightLayout layout) {
    return with(set -> set.layout = requireNonNull(layout, "layout"));
  }

  /**
   * The same with KV caches that keep, in layers whose tokens see a window of those before them
   * alone (Gemma 2 and 3, Mistral, gpt-oss and others), that window and some 800 tokens before it:
   * much less memory for long texts. Off, they keep all tokens, so that a kept prompt can be gone
   * on with from any of them.
   *
   * <p>A text can be cut by 256 tokens at once, more than drafts need, and what is kept of a prompt
   * serves those that go on behind it. Whatever goes on from further back, as where two prompts
   * part early, first reads again what stands before; logits are the same but for rounding. Models
   * whose rotary angles depend on how long a text has become keep all tokens in any case.
   *
   * @param slidingWindowCache whether old tokens make place for new ones in such layers
   * @return new options
   */
  public LoadOptions withSlidingWindowCache(boolean slidingWindowCache) {
    return with(set -> set.slidingWindowCache = slidingWindowCache);
  }

  /**
   * The same with the weights of linear layers kept in a folder as they lie in memory, packed or
   * rounded, so that the next load of the same checkpoint reads them instead of packing them anew.
   * The first load writes a file, as large as these weights are in memory, and takes longer for it.
   *
   * <p>Each checkpoint, adapter merged into it, dtype, quantization and way of packing has a file
   * of its own. It is written under another name and then moved, so that other processes may load
   * from the same folder. A checkpoint is known by its path, the sizes and times of its files and
   * samples of them: where one changed, or LibTorch did, or the file is damaged, the checkpoint is
   * read and the file replaced. Nothing is ever deleted: files of checkpoints that are gone, or of
   * options that are used no more, are the application's to delete, at any time. What can't be
   * written is logged (WARN) and changes nothing else. Whoever may write to the folder may change
   * what models say.
   *
   * <p>Layers on a GPU, and of float16, are not kept, but read as always: the log (INFO) says how a
   * model's weights lie in memory.
   *
   * @param folder where the files are; it is made if there is none
   * @return new options
   */
  public LoadOptions withWeightCache(Path folder) {
    return with(set -> set.weightCache = Optional.of(folder));
  }

  /**
   * The same without a folder for packed weights.
   *
   * @return new options
   */
  public LoadOptions withoutWeightCache() {
    return with(set -> set.weightCache = Optional.empty());
  }

  /**
   * The device, or several.
   *
   * @return {@code cpu}, {@code cuda} or {@code cuda:N}, or the text of a device map
   */
  public String device() {
    return devices.toString();
  }

  /**
   * Which devices the layers are on.
   *
   * @return the map
   */
  public DeviceMap devices() {
    return devices;
  }

  /**
   * The number format in memory.
   *
   * @return the format
   */
  public DType dtype() {
    return dtype;
  }

  /**
   * What hears of each tensor.
   *
   * @return the listener
   */
  public LoadListener listener() {
    return listener;
  }

  /**
   * Whether loading is refused in advance where the weights would not fit.
   *
   * @return whether free memory is checked
   */
  public boolean memoryCheck() {
    return memoryCheck;
  }

  /**
   * A PEFT folder whose LoRA adapter is merged into the weights.
   *
   * @return the folder, if there is one
   */
  public Optional<Path> adapter() {
    return adapter;
  }

  /**
   * How the weights of linear layers are rounded; int8 and int4 are for the CPU.
   *
   * @return the quantization
   */
  public Quantization quantization() {
    return quantization;
  }

  /**
   * How the weights that are not rounded lie in memory.
   *
   * @return the layout
   */
  public WeightLayout layout() {
    return layout;
  }

  /**
   * Whether KV caches keep no more than the window of layers that have one.
   *
   * @return whether old tokens make place for new ones
   */
  public boolean slidingWindowCache() {
    return slidingWindowCache;
  }

  /**
   * Where packed weights are kept.
   *
   * @return the folder, if there is one
   */
  public Optional<Path> weightCache() {
    return weightCache;
  }

  /** Every setting by name, in a fixed order: what equality and text are made of. */
  private Map<String, Object> values() {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("device", devices);
    values.put("dtype", dtype);
    values.put("listener", listener);
    values.put("memoryCheck", memoryCheck);
    values.put("adapter", adapter);
    values.put("quantization", quantization);
    values.put("layout", layout);
    values.put("slidingWindowCache", slidingWindowCache);
    values.put("weightCache", weightCache);
    return values;
  }

  /** Whether all settings are equal; an application's own listeners by identity. */
  @Override
  public boolean equals(Object other) {
    return other instanceof LoadOptions options && values().equals(options.values());
  }

  @Override
  public int hashCode() {
    return values().hashCode();
  }

  @Override
  public String toString() {
    return "LoadOptions" + values();
  }
}
