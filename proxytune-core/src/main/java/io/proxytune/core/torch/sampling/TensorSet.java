package io.proxytune.core.torch.sampling;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** Tensors that outlive the call that made them, until closed. For one thread at a time. */
final class TensorSet implements AutoCloseable {
  private final List<Tensor> tensors = new ArrayList<>();

  /** Keeps a tensor; returns it. */
  Tensor keep(Tensor tensor) {
    tensors.add(tensor.retainReference());
    return tensor;
  }

  @Override
  public void close() {
    tensors.forEach(Tensor::releaseReference);
    tensors.clear();
  }
}
