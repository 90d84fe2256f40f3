package io.proxytune.core.checkpoint;

import io.proxytune.core.decoder.LinearSpec;
import java.util.Collections;
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
  private final Map<String, StoredTensor> wholes;
  private final String embedding;
  private final String head;

  LoraAdapter(
      AdapterFolder folder,
      Map<String, LoraTensors> pairs,
      Map<String, StoredTensor> wholes,
      String embedding,
      String head) {
    this.folder = folder;
    this.pairs = Collections.unmodifiableMap(pairs);
    this.wholes = Collections.unmodifiableMap(wholes);
    this.embedding = embedding;
    this.head = head;
  }

  /**
   * Checks that an adapter fits a model.
   *
   * @param folder the adapter
   * @param checkpoint the model
   * @return both together
   * @throws io.proxytune.CheckpointException if a layer or a shape differs, or the tensors are not
   *     those that the adapter's config calls for
   */
  public static LoraAdapter bind(AdapterFolder folder, DecoderCheckpoint checkpoint) {
    return new AdapterBinder(folder, checkpoint).bind();
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
   * What is added to linear layers and to the embedding.
   *
   * @return the pairs by the model's modules; unmodifiable
   */
  public Map<String, LoraTensors> pairs() {
    return pairs;
  }

  /**
   * What stands for tensors of the model's own.
   *
   * @return weights and biases by the names of the model's, of the same shapes; unmodifiable
   */
  public Map<String, StoredTensor> wholes() {
    return wholes;
  }

  /**
   * What is added to a linear layer, or to the fused module that its rows are part of.
   *
   * @param linear the layer, the head too
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

  /**
   * What is added to the embedding.
   *
   * @return the pair, {@code a} being {@code [rank, vocabulary]} and {@code b} {@code [size, rank]}
   */
  public Optional<LoraTensors> ofEmbedding() {
    return Optional.ofNullable(pairs.get(embedding));
  }

  /**
   * What stands for a tensor of the model's own.
   *
   * @param name the tensor's name in the model's description
   * @return the tensor, if the adapter brings one
   */
  public Optional<StoredTensor> whole(String name) {
    return Optional.ofNullable(wholes.get(name));
  }

  /**
   * Whether the embedding's rows or the head's weight are other than the model's, so that a head
   * that was tied to the embedding is so no more.
   *
   * @return whether they are
   */
  public boolean changesTables() {
    return ofEmbedding().isPresent()
        || ofHead().isPresent()
        || whole(embedding + WEIGHT).isPresent()
        || whole(head + WEIGHT).isPresent();
  }
}
