package io.proxytune.core.torch.training;

import io.proxytune.core.decoder.LinearSpec;
import io.proxytune.core.torch.model.TrainingWeights;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What a graph begins with: the trained tensors, or frozen ones and a trained adapter.
 *
 * @param slots the model's tensors by the names of a slot's parts
 * @param store what is trained
 * @param adapter the adapter, where one is trained
 */
record GraphWeights(
    Function<List<String>, @Nullable Tensor> slots,
    ParameterStore store,
    Optional<AdapterSpec> adapter)
    implements TrainingWeights {
  @Override
  public Tensor tensor(String name) {
    return stacked(List.of(name));
  }

  @Override
  public Tensor stacked(List<String> names) {
    Tensor tensor = slots.apply(names);
    if (tensor == null) {
      throw new IllegalStateException("no weights " + names);
    }
    return tensor;
  }

  @Override
  public Optional<Adapter> adapter(LinearSpec linear) {
    if (adapter.isEmpty()) {
      return Optional.empty();
    }
    Tensor a = store.leaf(List.of(ParameterLayout.adapterName(linear, "A")));
    Tensor b = store.leaf(List.of(ParameterLayout.adapterName(linear, "B")));
    return a == null || b == null
        ? Optional.empty()
        : Optional.of(new Adapter(a, b, adapter.get().scale()));
  }
}
