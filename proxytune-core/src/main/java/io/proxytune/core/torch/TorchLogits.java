package io.proxytune.core.torch;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkElementIndex;
import static com.google.common.base.Preconditions.checkState;

import io.proxytune.Logits;
import java.util.concurrent.atomic.AtomicBoolean;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Rows of logits in a tensor, on whatever device and in whatever floating-point dtype the model
 * computed them.
 *
 * <p><b>Threads:</b> immutable; any thread may read, none may read during or after {@link
 * #close()}.
 */
public final class TorchLogits implements Logits {
  private final Tensor values;
  private final int rows;
  private final int width;
  private final AtomicBoolean closed = new AtomicBoolean();

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
  }

  /**
   * The tensor itself; it stays owned by these logits.
   *
   * @return {@code [rows, width]}
   * @throws IllegalStateException if these logits are closed
   */
  public Tensor tensor() {
    checkState(!closed.get(), "these logits are closed");
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
    Tensor all = tensor();
    checkElementIndex(index, rows, "row");
    return ComputeThread.inScopeOf(
        all,
        () -> {
          Tensor row = all.select(0, index).to(torch.ScalarType.Float).cpu().contiguous();
          float[] copy = new float[width];
          row.data_ptr_float().get(copy);
          return copy;
        });
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      values.releaseReference();
    }
  }
}
