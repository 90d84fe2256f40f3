package io.proxytune.core.torch.training;

import io.proxytune.core.decoder.DecoderSpec;
import io.proxytune.core.decoder.EmbeddingSpec;
import io.proxytune.core.decoder.LayerSpec;
import io.proxytune.core.decoder.LinearSpec;
import io.proxytune.core.decoder.NormSpec;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
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
   * @param parts one or more, equal but for their first dimension
   * @param offset where it begins in the flat vector
   */
  record Slot(List<Part> parts, long offset) {
    /** The names of its parts. */
    List<String> names() {
      return parts.stream().map(Part::name).toList();
    }

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
  static ParameterLayout of(DecoderSpec spec) {
    ParameterLayout layout = new ParameterLayout();
    EmbeddingSpec embedding = spec.embedding();
    layout.add(Part.matrix(embedding.tensor(), embedding.vocabulary(), embedding.size()));
    embedding
        .positions()
        .ifPresent(some -> layout.add(Part.matrix(some.tensor(), some.rows(), spec.width())));
    embedding.projection().ifPresent(linear -> layout.addWeights(List.of(linear)));
    spec.layers().forEach(layer -> layer.groups().forEach(layout::addWeights));
    spec.head().projection().ifPresent(linear -> layout.addWeights(List.of(linear)));
    if (!spec.head().tied()) {
      layout.addWeights(List.of(spec.head().linear()));
    }
    layout.decaying = layout.size;
    layout.addVectors(spec);
    return layout;
  }

  private void addVectors(DecoderSpec spec) {
    spec.embedding().norm().ifPresent(this::addNorm);
    for (LayerSpec layer : spec.layers()) {
      layer.norms().forEach(this::addNorm);
      layer.groups().forEach(this::addBiases);
      layer
          .attention()
          .sinks()
          .ifPresent(name -> add(Part.vector(name, layer.attention().heads())));
    }
    spec.head().norm().ifPresent(this::addNorm);
    addBiases(List.of(spec.head().linear()));
  }

  private void addNorm(NormSpec norm) {
    boolean perHead = norm.heads() > 1;
    norm.weight()
        .ifPresent(
            name ->
                add(
                    perHead
                        ? Part.matrix(name, norm.heads(), norm.size())
                        : Part.vector(name, norm.size())));
    norm.bias().ifPresent(name -> add(Part.vector(name, norm.size())));
  }

  /** One below the other where they are whole tensors; else each stored tensor by itself, once. */
  private void addWeights(List<LinearSpec> linears) {
    List<Part> parts = linears.stream().map(ParameterLayout::weight).distinct().toList();
    addTogether(parts, LinearSpec.areStackable(linears));
  }

  private void addBiases(List<LinearSpec> linears) {
    List<Part> parts =
        linears.stream()
            .filter(linear -> linear.bias().isPresent())
            .map(linear -> Part.vector(linear.bias().orElseThrow(), linear.rows().total()))
            .distinct()
            .toList();
    addTogether(parts, LinearSpec.areStackable(linears));
  }

  private void addTogether(List<Part> parts, boolean stacked) {
    if (stacked && !parts.isEmpty()) {
      add(parts.toArray(Part[]::new));
    } else {
      parts.forEach(this::add);
    }
  }

  private static Part weight(LinearSpec linear) {
    long rows = linear.rows().total();
    return linear.rows().transposed()
        ? Part.matrix(linear.weight(), linear.in(), rows)
        : Part.matrix(linear.weight(), rows, linear.in());
  }

  /** The matrices of an adapter, A and B of each targeted module, by the names of PEFT. */
  static ParameterLayout ofAdapter(DecoderSpec spec, AdapterSpec adapter) {
    ParameterLayout layout = new ParameterLayout();
    Set<String> modules = new HashSet<>();
    spec.layers().stream()
        .flatMap(layer -> layer.groups().stream().flatMap(List::stream))
        .filter(linear -> adapter.targets(linear))
        .filter(linear -> modules.add(linear.module()))
        .forEach(linear -> layout.addPair(linear, adapter.rank()));
    layout.decaying = layout.size;
    return layout;
  }

  private void addPair(LinearSpec linear, long rank) {
    add(Part.matrix(adapterName(linear, "A"), rank, linear.in()));
    add(Part.matrix(adapterName(linear, "B"), linear.rows().total(), rank));
  }

  /** What PEFT calls a matrix of the module that a linear layer belongs to. */
  static String adapterName(LinearSpec linear, String matrix) {
    return "base_model.model." + linear.module() + ".lora_" + matrix + ".weight";
  }

  private void add(Part... parts) {
    Slot slot = new Slot(List.of(parts), size);
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
