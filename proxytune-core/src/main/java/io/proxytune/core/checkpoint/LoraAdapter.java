package io.proxytune.core.checkpoint;

import io.proxytune.core.decoder.LinearSpec;
import java.util.Map;
import java.util.Optional;

/**
 * An adapter that fits a checkpoint. No file is kept open. Immutable; safe for use by several
 * threads.
 */
public final class LoraAdapter {
  private static final String WEIGHT = ".weight";

  private final AdapterFolder folder;
  private final Map<String, LoraTensors> pairs;
  private final String head;

  private LoraAdapter(AdapterFolder folder, String head) {
    this.folder = folder;
    this.pairs = folder.pairs();
    this.head = head;
  }

  /**
   * Checks that an adapter fits a model.
   *
   * @param folder the adapter
   * @param checkpoint the model
   * @return both together
   * @throws io.proxytune.CheckpointException if a layer or a shape differs, or the tensors are not
   *     those of the layers that the adapter's config targets
   */
  public static LoraAdapter bind(AdapterFolder folder, DecoderCheckpoint checkpoint) {
    new AdapterBinder(folder, checkpoint).check();
    return new LoraAdapter(folder, AdapterBinder.head(checkpoint));
  }

  /**
   * Where it is.
   *
   * @return the folder
   */
  public AdapterFolder folder() {
    return folder;
  }

  /**
   * What is added to a linear layer, or to the fused module that its rows are part of.
   *
   * @param linear the layer, not the head
   * @return the pair, if its module has one
   */
  public Optional<LoraTensors> of(LinearSpec linear) {
    return Optional.ofNullable(pairs.get(linear.module()));
  }

  /**
   * What is added to a linear layer.
   *
   * @param parameter the layer's weight, not a tied head's; or any other tensor
   * @return the pair, if it is the weight of a layer that has one
   */
  public Optional<LoraTensors> of(StoredTensor parameter) {
    String name = parameter.name();
    return name.endsWith(WEIGHT)
        ? Optional.ofNullable(pairs.get(name.substring(0, name.length() - WEIGHT.length())))
        : Optional.empty();
  }

  /**
   * What is added to the output projection.
   *
   * @return the pair, if the head has one
   */
  public Optional<LoraTensors> ofHead() {
    return Optional.ofNullable(pairs.get(head));
  }
}
