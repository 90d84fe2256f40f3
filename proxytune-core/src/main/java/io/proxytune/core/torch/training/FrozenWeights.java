package io.proxytune.core.torch.training;

import io.proxytune.core.checkpoint.StoredTensor;
import io.proxytune.core.decoder.DecoderSpec;
import io.proxytune.core.torch.TensorReader;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/** Weights that a graph reads and nothing changes, by the names of a slot's parts. */
final class FrozenWeights implements AutoCloseable {
  private final Map<List<String>, Tensor> tensors = new HashMap<>();

  /** Reads all of a model's. */
  void load(DecoderSpec spec, Function<String, StoredTensor> find, ScalarType dtype) {
    for (ParameterLayout.Slot slot : ParameterLayout.of(spec).slots()) {
      try (TrainingScope scope = TrainingScope.withoutGradients()) {
        TensorVector parts = new TensorVector();
        for (ParameterLayout.Part part : slot.parts()) {
          parts.push_back(TensorReader.read(find.apply(part.name())).to(dtype));
        }
        tensors.put(slot.names(), Tensors.keep(torch.cat(parts, 0)));
      }
    }
  }

  @Nullable Tensor get(List<String> names) {
    return tensors.get(names);
  }

  @Override
  public void close() {
    tensors.values().forEach(Tensor::close);
  }
}
