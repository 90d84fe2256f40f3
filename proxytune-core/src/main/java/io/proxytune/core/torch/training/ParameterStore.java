package io.proxytune.core.torch.training;

import io.proxytune.core.checkpoint.StoredTensor;
import io.proxytune.core.torch.TensorReader;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * What is trained, in flat vectors of one layout: float32 weights, a copy of them in the dtype of
 * the passes, whose slices are the graph's leaves, one gradient that all leaves add to, and AdamW's
 * two moments. So the optimizer is a few operations, however many tensors there are. For one thread
 * at a time.
 */
final class ParameterStore implements AutoCloseable {
  private final ParameterLayout layout;
  private final boolean copied;
  private final Tensor master; // all of them [layout.size]
  private final Tensor compute; // the same tensor as master in float32
  private final Tensor gradient;
  private final Tensor mean;
  private final Tensor square;
  private final Tensor scratch; // kept, as a new one each step would be mapped and cleared anew
  private final Map<List<String>, Tensor> leaves = new HashMap<>(); // by the names of their parts

  /** All zeros. */
  ParameterStore(ParameterLayout layout, ScalarType dtype) {
    this.layout = layout;
    this.copied = dtype != ScalarType.Float;
    try (TrainingScope scope = TrainingScope.withoutGradients()) {
      master = zeros(ScalarType.Float);
      compute = copied ? zeros(dtype) : master;
      gradient = zeros(dtype);
      mean = zeros(ScalarType.Float);
      square = zeros(ScalarType.Float);
      scratch = zeros(ScalarType.Float);
      for (ParameterLayout.Slot slot : layout.slots()) {
        Tensor leaf = Tensors.keep(slice(compute, slot).detach());
        leaf.requires_grad_(true);
        leaf.mutable_grad().put(slice(gradient, slot));
        leaves.put(slot.names(), leaf);
      }
    }
  }

  private Tensor zeros(ScalarType dtype) {
    return Tensors.keep(Tensors.zeros(dtype, layout.size()));
  }

  private static Tensor slice(Tensor flat, ParameterLayout.Slot slot) {
    return flat.narrow(0, slot.offset(), slot.elements()).view(slot.shape());
  }

  /** A tensor that the graph begins with; null if there is none of these parts. */
  @Nullable Tensor leaf(List<String> names) {
    return leaves.get(names);
  }

  ParameterLayout layout() {
    return layout;
  }

  Tensor master() {
    return master;
  }

  Tensor compute() {
    return compute;
  }

  Tensor gradient() {
    return gradient;
  }

  Tensor mean() {
    return mean;
  }

  Tensor square() {
    return square;
  }

  /** Whether the passes compute in float32. */
  boolean isFloat32() {
    return !copied;
  }

  /** Working space of the optimizer, float32. */
  Tensor scratch() {
    return scratch;
  }

  /** Takes over the float32 weights for the next pass. */
  void publish() {
    if (copied) {
      compute.copy_(master);
    }
  }

  /** The float32 weights of a part, as a view in the current scope. */
  Tensor weights(String name) {
    return part(master, name);
  }

  /** The gradient of a part, as a view in the current scope. */
  Tensor gradient(String name) {
    return part(gradient, name);
  }

  private Tensor part(Tensor flat, String name) {
    for (ParameterLayout.Slot slot : layout.slots()) {
      long offset = slot.offset();
      for (ParameterLayout.Part part : slot.parts()) {
        if (part.name().equals(name)) {
          long[] shape = part.shape().stream().mapToLong(Long::longValue).toArray();
          return flat.narrow(0, offset, part.elements()).view(shape);
        }
        offset += part.elements();
      }
    }
    throw new IllegalArgumentException("no tensor " + name + " is trained");
  }

  /** Reads all parts from files. */
  void load(Function<String, StoredTensor> find) {
    List<String> names = layout.parts().map(ParameterLayout.Part::name).toList();
    for (String name : names) {
      try (TrainingScope scope = TrainingScope.withoutGradients()) {
        weights(name).copy_(TensorReader.read(find.apply(name)));
      }
    }
    try (TrainingScope scope = TrainingScope.withoutGradients()) {
      publish();
    }
  }

  @Override
  public void close() {
    leaves.values().forEach(Tensor::close);
    scratch.close();
    square.close();
    mean.close();
    gradient.close();
    if (copied) {
      compute.close();
    }
    master.close();
  }
}
