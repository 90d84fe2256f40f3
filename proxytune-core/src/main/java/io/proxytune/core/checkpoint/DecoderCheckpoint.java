package io.proxytune.core.checkpoint;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.stream.Collectors.summingLong;

import io.proxytune.core.decoder.DecoderSpec;
import java.nio.file.Path;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A checkpoint whose config and weights agree, ready to be loaded. No file is kept open. Immutable;
 * safe for use by several threads.
 */
public final class DecoderCheckpoint {
  private final CheckpointFolder folder;
  private final DecoderConfig config;
  private final DecoderTensors tensors;
  private final GenerationConfig generation;
  private final PublishedSettings published;
  private final TensorNames names;
  private final DecoderSpec spec;
  private final Map<String, StoredTensor> byName;
  private final Map<StoredType, Long> bytesByType;

  private DecoderCheckpoint(
      CheckpointFolder folder,
      DecoderConfig config,
      DecoderTensors tensors,
      GenerationConfig generation,
      PublishedSettings published,
      TensorNames names) {
    this.names = names;
    this.folder = folder;
    this.config = config;
    this.tensors = tensors;
    this.generation = generation;
    this.published = published;
    this.spec = LlamaDescription.of(config, names);
    this.byName = byName(tensors, names);
    this.bytesByType = Collections.unmodifiableMap(bytesByType(tensors.all()));
  }

  /**
   * Reads and checks a checkpoint folder.
   *
   * @param path the folder
   * @return the checkpoint
   * @throws io.proxytune.CheckpointException if the folder can't be read, contradicts itself or is
   *     of an unsupported architecture
   */
  public static DecoderCheckpoint open(Path path) {
    CheckpointFolder opened = CheckpointFolder.open(path);
    Architecture architecture = Architectures.of(opened.config());
    DecoderConfig config = architecture.read(opened.config());
    TensorNames names = architecture.tensorNames();
    CheckpointFolder folder = opened.withTensors(StoredNames.canonical(opened.tensors(), names));
    DecoderTensors tensors = TensorBinder.bind(folder, config, names);
    return new DecoderCheckpoint(
        folder,
        config.withTiedHead(tensors.head().equals(tensors.embedding())),
        tensors,
        GenerationConfig.read(folder, config.vocabularySize()),
        PublishedSettings.ofCheckpoint(folder.path()),
        names);
  }

  // Of a tied pair, both names give the one tensor, whichever is stored.
  private static Map<String, StoredTensor> byName(DecoderTensors tensors, TensorNames names) {
    Map<String, StoredTensor> byName = new HashMap<>();
    tensors.all().forEach(tensor -> byName.put(tensor.name(), tensor));
    byName.put(names.embedding(), tensors.embedding());
    byName.put(names.head(), tensors.head());
    return Collections.unmodifiableMap(byName);
  }

  private static Map<StoredType, Long> bytesByType(List<StoredTensor> tensors) {
    return tensors.stream()
        .collect(
            Collectors.groupingBy(
                StoredTensor::type,
                () -> new EnumMap<>(StoredType.class),
                summingLong(StoredTensor::byteLength)));
  }

  /**
   * Where it is.
   *
   * @return the folder
   */
  public CheckpointFolder folder() {
    return folder;
  }

  /**
   * The model's sizes and constants.
   *
   * @return the config
   */
  public DecoderConfig config() {
    return config;
  }

  /**
   * The model as data, its head tied as its tensors turn out to be.
   *
   * @return the description
   */
  public DecoderSpec spec() {
    return spec;
  }

  /**
   * Where a tensor that the description names lies. Of a tied embedding and head, both names give
   * one tensor, whichever is stored.
   *
   * @param name the tensor's name in {@link #spec()}
   * @return the tensor, of a dtype that can be loaded and the shape that the description gives it
   * @throws IllegalArgumentException if the description names no such tensor
   */
  public StoredTensor tensor(String name) {
    StoredTensor tensor = byName.get(name);
    checkArgument(tensor != null, "the description names no tensor %s", name);
    return tensor;
  }

  /**
   * Where the model's weights lie.
   *
   * @return the tensors
   */
  public DecoderTensors tensors() {
    return tensors;
  }

  /**
   * The ids that begin and end a text.
   *
   * @return the ids
   */
  public GenerationConfig generation() {
    return generation;
  }

  /**
   * How its author recommends to generate with it.
   *
   * @return the settings, not judged yet
   */
  public PublishedSettings published() {
    return published;
  }

  TensorNames tensorNames() {
    return names;
  }

  /**
   * The dtype to compute in: that of the most bytes, the matrices', where norms are stored in a
   * wider one; F32 for F64, as in transformers.
   *
   * @return F32, BF16 or F16
   */
  public StoredType storedDType() {
    StoredType most =
        Collections.max(bytesByType.entrySet(), Map.Entry.comparingByValue()).getKey();
    return most == StoredType.F64 ? StoredType.F32 : most;
  }

  /**
   * The number of weights, a tied head not counted again.
   *
   * @return the parameters
   */
  public long parameters() {
    return tensors.all().stream().mapToLong(StoredTensor::elements).sum();
  }

  /**
   * The weights' size on disk, a tied head not counted again.
   *
   * @return the size in bytes
   */
  public long storedBytes() {
    return bytesByType.values().stream().mapToLong(Long::longValue).sum();
  }

  /**
   * The weights' size on disk for each dtype that occurs.
   *
   * @return bytes by dtype; unmodifiable
   */
  public Map<StoredType, Long> bytesByDType() {
    return bytesByType;
  }
}
