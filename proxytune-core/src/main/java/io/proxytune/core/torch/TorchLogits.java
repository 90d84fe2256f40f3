package io.proxytune.core.torch;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkElementIndex;

import io.proxytune.core.lifetime.Lifetime;
import io.proxytune.model.Logits;
import java.lang.ref.Reference;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Rows of logits in a tensor, on whatever device and in whatever floating-point dtype the model
 * computed them.
 *
 * <p><b>Threads:</b> as {@link Logits}: a read that is under way when another thread closes these
 * logits finishes, and the memory is freed after it. Whoever uses the {@link #tensor()} itself is
 * in the {@link #lifetime()} meanwhile.
 */
public final class TorchLogits implements Logits {
  private final Tensor values;
  private final int rows;
  private final int width;
  private final Lifetime lifetime;

  /**
   * Takes over a tensor; it outlives the pointer scope that is open now.
   *
   * @param values {@code [rows, width]}, floating-point; nobody else may change or close it
   */
  public TorchLogits(Tensor values) {
    checkArgument(values.dim() == 2, "logits must be [rows, width], got %s dims", values.dim());
    checkArgument(values.size(1) >= 1, "width must be >= 1, got %s", values.size(1));
    this.rows = Math.toIntExact(values.size(0));
    this.width = Math.toIntExact(values.size(1));
    this.values = values.retainReference();
    this.lifetime = new Lifetime("this Logits object", this.values::releaseReference);
    lifetime.watch(this);
  }

  /**
   * What keeps the tensor from being freed.
   *
   * @return the lifetime; whoever uses the tensor enters before and leaves after
   */
  public Lifetime lifetime() {
    return lifetime;
  }

  /**
   * The tensor itself; it stays owned by these logits. For those who are in the {@link
   * #lifetime()}.
   *
   * @return {@code [rows, width]}
   * @throws IllegalStateException if these logits are closed and their memory may be free
   */
  public Tensor tensor() {
    lifetime.requireThere();
    return values;
  }

  @Override
  public int rows() {
    return rows;
  }

  @Override
  public int width() {
    return width;
  }

  @Override
  public float[] row(int index) {
    lifetime.enter();
    try {
      checkElementIndex(index, rows, "row");
      return ComputeThread.inScopeOf(values, () -> copy(values.select(0, index)));
    } finally {
      lifetime.leave();
      Reference.reachabilityFence(this);
    }
  }

  private static float[] copy(Tensor row) {
    Tensor onHeap = row.to(torch.ScalarType.Float).cpu().contiguous();
    float[] copy = new float[Math.toIntExact(onHeap.numel())];
    onHeap.data_ptr_float().get(copy);
    return copy;
  }

  @Override
  public void close() {
    lifetime.close();
  }
}
