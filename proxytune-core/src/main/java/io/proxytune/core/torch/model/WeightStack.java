package io.proxytune.core.torch.model;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Puts matrices one below the other, each time in the same memory: fresh memory costs the kernel
 * more than copying the weights into it. For one thread at a time.
 */
final class WeightStack implements AutoCloseable {
  private @Nullable Tensor memory; // [elements]

  /**
   * Stacks matrices of one dtype.
   *
   * @param parts each {@code [rows, columns]}, with the same number of columns
   * @return {@code [all rows, columns]}, until the next call
   */
  Tensor of(List<Tensor> parts) {
    long rows = parts.stream().mapToLong(part -> part.size(0)).sum();
    long columns = parts.get(0).size(1);
    Tensor stacked = atLeast(rows * columns, parts.get(0)).narrow(0, 0, rows * columns);
    TensorVector tensors = new TensorVector(parts.toArray(Tensor[]::new));
    return torch.cat_out(stacked.view(rows, columns), tensors, 0);
  }

  private Tensor atLeast(long elements, Tensor like) {
    Tensor existing = memory;
    if (existing != null && existing.numel() >= elements) {
      return existing;
    }
    close();
    Tensor larger = Native.keep(torch.empty(new long[] {elements}, like.options(), null));
    memory = larger;
    return larger;
  }

  @Override
  public void close() {
    if (memory != null) {
      memory.close();
      memory = null;
    }
  }
}
