package io.proxytune.core.checkpoint;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.stream.Collectors.summingLong;

import io.proxytune.core.config.ConfigJson;
import io.proxytune.core.decoder.DecoderSpec;
import io.proxytune.core.family.Families;
import io.proxytune.core.family.Family;
import java.nio.file.Path;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A checkpoint whose config and weights agree, ready to be loaded. No file is kept open. Immutable;
 * safe for use by several threads.
 */
public final class DecoderCheckpoint {
  private final CheckpointFolder folder;
  private final DecoderSpec spec;
  private final Map<String, StoredTensor> tensors;
  private final List<StoredTensor> all;
  private final GenerationConfig generation;
  private final PublishedSettings published;
  private final Map<StoredType, Long> bytesByType;

  private DecoderCheckpoint(
      CheckpointFolder folder,
      DecoderSpec spec,
      Map<String, StoredTensor> tensors,
      GenerationConfig generation,
      PublishedSettings published) {
    this.folder = folder;
    this.spec = spec;
    this.tensors = tensors;
    this.generation = generation;
    this.published = published;
    this.all = tensors.values().stream().distinct().toList();
    this.bytesByType = Collections.unmodifiableMap(bytesByType(all));
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
    Family family = Families.of(opened.config());
    ConfigJson config = Families.text(opened.config());
    // Described without a look at the tensors, the first layer tells how they should be named.
    CheckpointFolder folder =
        opened.withTensors(
            StoredNames.canonical(opened.tensors(), family.describe(config, Set.of())));
    DecoderSpec spec = family.describe(config, folder.tensors().keySet());
    Map<String, StoredTensor> tensors = TensorBinder.bind(folder, config, spec);
    return new DecoderCheckpoint(
        folder,
        spec.withTiedHead(isTied(spec, tensors)),
        tensors,
        GenerationConfig.read(folder, spec.vocabulary()),
        PublishedSettings.ofCheckpoint(folder.path()));
  }

  private static boolean isTied(DecoderSpec spec, Map<String, StoredTensor> tensors) {
    StoredTensor head = tensors.get(spec.head().linear().weight());
    return head != null && head.equals(tensors.get(spec.embedding().tensor()));
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
   * Whether the model is the text's part of a larger one, which also reads images.
   *
   * @return whether it is
   */
  public boolean isTextPart() {
    return Families.isOfImages(folder.config());
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
    StoredTensor tensor = tensors.get(name);
    checkArgument(tensor != null, "the description names no tensor %s", name);
    return tensor;
  }

  /**
   * The tensors that the description names.
   *
   * @return the names, of a tied head both; unmodifiable
   */
  public Set<String> names() {
    return Collections.unmodifiableSet(tensors.keySet());
  }

  /**
   * Every tensor that the description names, each once.
   *
   * @return the tensors from the first layer on
   */
  public List<StoredTensor> all() {
    return all;
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
    return all.stream().mapToLong(StoredTensor::elements).sum();
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
