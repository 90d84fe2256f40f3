package io.proxytune.core.torch.model;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * A linear layer in one pass, in which adapters change some of its rows: the weight is read once
 * for all rows. Owns nothing; lives as long as the pass.
 */
record AdaptedLinear(Linear linear, List<Part> parts) implements Linear {

  /** Rows and how they are changed. */
  record Part(LinearChange change, AdapterRows rows) {
    void applyTo(Tensor y, Tensor x) {
      change.applyTo(rows.of(y), rows.of(x));
    }
  }

  @Override
  public Tensor apply(Tensor x) {
    return changed(linear.apply(x), x);
  }

  private Tensor changed(Tensor y, Tensor x) {
    parts.forEach(part -> part.applyTo(y, x));
    return y;
  }

  /** Sums commute: the residual may come first, in the same step as the product. */
  @Override
  public Tensor applyAdd(Tensor x, Tensor addend) {
    return parts.stream().allMatch(part -> part.change.factor() == null)
        ? changed(linear.applyAdd(x, addend), x)
        : apply(x).add_(addend);
  }

  @Override
  public String write(ScriptWriter script, String x) {
    throw new UnsupportedOperationException("a program adds what adapters do by itself");
  }

  @Override
  public void close() {}
}
