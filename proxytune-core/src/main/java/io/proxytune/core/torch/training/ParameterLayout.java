package io.proxytune.core.torch.training;

import io.proxytune.core.checkpoint.DecoderConfig;
import io.proxytune.core.checkpoint.TensorNames;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where each trained tensor lies in one flat vector: first the matrices, which decay, then norms
 * and biases, which don't. Tensors that are multiplied by the same input lie one behind the other,
 * so that they are one matrix. Immutable.
 */
final class ParameterLayout {
  /** Slots begin at whole cache lines in either dtype. */
  private static final long ALIGNMENT = 32;

  /**
   * A tensor as a checkpoint stores it.
   *
   * @param name its name in the file
   * @param shape its dimensions
   */
  record Part(String name, List<Long> shape) {
    static Part matrix(String name, long out, long in) {
      return new Part(name, List.of(out, in));
    }

    static Part vector(String name, long size) {
      return new Part(name, List.of(size));
    }

    long elements() {
      return shape.stream().reduce(1L, (a, b) -> a * b);
    }
  }

  /**
   * Parts stacked along their first dimension.
   *
   * @param key what the forward pass calls it
   * @param parts one or more, equal but for their first dimension
   * @param offset where it begins in the flat vector
   */
  record Slot(String key, List<Part> parts, long offset) {
    long elements() {
      return parts.stream().mapToLong(Part::elements).sum();
    }

    long[] shape() {
      long rows = parts.stream().mapToLong(part -> part.shape().get(0)).sum();
      return isMatrix() ? new long[] {rows, parts.get(0).shape().get(1)} : new long[] {rows};
    }

    boolean isMatrix() {
      return parts.get(0).shape().size() == 2;
    }
  }

  private final List<Slot> slots = new ArrayList<>();
  private long size;
  private long decaying;

  private ParameterLayout() {}

  /** All weights of a model. */
  static ParameterLayout of(DecoderConfig config) {
    TensorNames names = TensorNames.LLAMA;
    ParameterLayout layout = new ParameterLayout();
    long vocabulary = config.vocabularySize();
    layout.add("embedding", Part.matrix(names.embedding(), vocabulary, config.hiddenSize()));
    for (int layer = 0; layer < config.layers(); layer++) {
      layout.addLinears(config, layer, false);
    }
    if (!config.tiedHead()) {
      layout.add("head", Part.matrix(names.head(), vocabulary, config.hiddenSize()));
    }
    layout.decaying = layout.size;
    for (int layer = 0; layer < config.layers(); layer++) {
      layout.addNorms(config, layer);
      layout.addLinears(config, layer, true);
    }
    layout.add("norm", Part.vector(names.finalNorm(), config.hiddenSize()));
    return layout;
  }

  private void addNorms(DecoderConfig config, int layer) {
    TensorNames names = TensorNames.LLAMA;
    long hidden = config.hiddenSize();
    add(layer + ".inputNorm", Part.vector(names.inLayer(layer, names.inputNorm()), hidden));
    add(layer + ".postNorm", Part.vector(names.inLayer(layer, names.postAttentionNorm()), hidden));
  }

  private void addLinears(DecoderConfig config, int layer, boolean biases) {
    for (LinearGroup group : LinearGroup.of(config)) {
      if (!biases) {
        add(
            layer + "." + group.key(),
            group.members().stream()
                .map(m -> Part.matrix(m.in(layer) + ".weight", m.out(), group.in()))
                .toArray(Part[]::new));
      } else if (group.bias()) {
        add(
            layer + "." + group.key() + ".bias",
            group.members().stream()
                .map(m -> Part.vector(m.in(layer) + ".bias", m.out()))
                .toArray(Part[]::new));
      }
    }
  }

  /** The matrices of an adapter, A and B of each target, by the names of PEFT. */
  static ParameterLayout ofAdapter(DecoderConfig config, AdapterSpec adapter) {
    ParameterLayout layout = new ParameterLayout();
    for (int layer = 0; layer < config.layers(); layer++) {
      for (LinearGroup group : LinearGroup.of(config)) {
        for (LinearGroup.Member member : group.members()) {
          if (adapter.targets(member.module())) {
            String name = "base_model.model." + member.in(layer);
            long rank = adapter.rank();
            layout.add(
                member.in(layer) + ".A", Part.matrix(name + ".lora_A.weight", rank, group.in()));
            layout.add(
                member.in(layer) + ".B", Part.matrix(name + ".lora_B.weight", member.out(), rank));
          }
        }
      }
    }
    layout.decaying = layout.size;
    return layout;
  }

  private void add(String key, Part... parts) {
    Slot slot = new Slot(key, List.of(parts), size);
    slots.add(slot);
    size += (slot.elements() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  List<Slot> slots() {
    return slots;
  }

  /** Every part, in order. */
  Stream<Part> parts() {
    return slots.stream().flatMap(slot -> slot.parts().stream());
  }

  /** The flat vector's length, gaps included. */
  long size() {
    return size;
  }

  /** How much of it, from its beginning, decays. */
  long decaying() {
    return decaying;
  }

  /** The weights, without gaps. */
  long parameters() {
    return slots.stream().mapToLong(Slot::elements).sum();
  }
}
